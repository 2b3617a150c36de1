//! Mistakes that can be planted, each in one step of the protocol. The simulation has to find them
//! all; the code that runs in a gateway knows nothing of them.

/// One mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bug {
    /// The counters hear of a charge before the journal has it.
    SettlesBeforeJournal,
    /// The provider is asked before the journal knows of it.
    SendsBeforeJournal,
    /// A hold that grew is not written to the journal.
    ExtendsWithoutJournal,
    /// The engine does not remember what was settled.
    ForgetsDone,
    /// A reserve whose reply was lost is asked again as another attempt.
    AsksAgainAsAnother,
    /// A reserve that is given up, its reply lost, is not released.
    GivesUpWithoutRelease,
    /// A settle whose reply was lost is not asked again.
    SettlesOnce,
    /// A counter is seeded without the journals having been shipped.
    SeedsWithoutShipping,
    /// A node that opens a counter ships its own journal only.
    ShipsOwnJournalOnly,
    /// The sum has attempts that are on the counter already.
    SumsWithoutExcept,
    /// A sum that was read for an earlier opening is taken.
    TakesAnySeed,
    /// What is under way is not said again after a loss.
    NeverReasserts,
    /// Counters are opened before every node has said what it has under way.
    OpensBeforeReasserts,
    /// A failover is not noticed: the replica's counters are trusted.
    TrustsReplica,
    /// A node that comes back does not have the counters read its old journal's entries.
    RecoversWithoutForgetting,
    /// A node that comes back does not end what it had under way.
    RecoversWithoutOrphans,
    /// A node that comes back does not tell the counters of ends that they may not have heard.
    RecoversWithoutSettling,
    /// The ledger does not look at the position of what it is given.
    LedgerIgnoresPosition,
    /// A shipper whose reply was lost believes that all was taken.
    ShipperBelieves,
    /// A node that does not know of a new budget is not stopped.
    SpendsOutdated,
    /// Limits carry no version.
    LimitsWithoutVersion,
    /// A block is only published, and not told to the counters.
    BlocksByPublishing,
    /// The ledger's rows carry the node's time and not the counters'.
    DatesByNode,
    /// Signs of life are not given.
    GivesNoSignOfLife,
    /// The engine lets one nano-dollar more than the limit pass.
    LimitPlusOne,
}

impl Bug {
    pub const ALL: [Self; 25] = [
        Self::SettlesBeforeJournal,
        Self::SendsBeforeJournal,
        Self::ExtendsWithoutJournal,
        Self::ForgetsDone,
        Self::AsksAgainAsAnother,
        Self::GivesUpWithoutRelease,
        Self::SettlesOnce,
        Self::SeedsWithoutShipping,
        Self::ShipsOwnJournalOnly,
        Self::SumsWithoutExcept,
        Self::TakesAnySeed,
        Self::NeverReasserts,
        Self::OpensBeforeReasserts,
        Self::TrustsReplica,
        Self::RecoversWithoutForgetting,
        Self::RecoversWithoutOrphans,
        Self::RecoversWithoutSettling,
        Self::LedgerIgnoresPosition,
        Self::ShipperBelieves,
        Self::SpendsOutdated,
        Self::LimitsWithoutVersion,
        Self::BlocksByPublishing,
        Self::DatesByNode,
        Self::GivesNoSignOfLife,
        Self::LimitPlusOne,
    ];
}
