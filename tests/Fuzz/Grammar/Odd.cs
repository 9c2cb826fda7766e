namespace Agora.Fuzz.Grammar;

/// <summary>Values that programs were caught by: each is a valid or nearly valid thing at an edge.</summary>
internal static class Odd
{
    private const string Long = "0123456789abcdefghijklmnopqrstuvwxyz";

    public static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-1", "1", "0.00001", "0.0001", "1e0", "1E+2", "1e-400", "1e400", "-1e400", "9007199254740993", "9223372036854775807", "9223372036854775808",
        "-9223372036854775809", "18446744073709551616", "100000000000", "100000000000.0001", "1000000000000000000000000000000000000000000", "0.1", "2147483648", "01", "+1", ".5", "5.", "NaN",
        "Infinity", "0x10", "1_000", "\"\"", "\" \"", "\"0\"", "\"null\"", "[]", "{}", "[[]]", "[null]", "{\"\":null}", "{\"a\":1,\"a\":2}", "{\"__proto__\":{}}", "\"\\ud800\"", "\"\\udc00\\ud800\"",
        "\"a\\ud83d\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\u202e\"", "\"\\ufeff\"", "\"\\uffff\"", "\"\\ud83d\\ude00\"", "\"e\\u0301\"", "\"\\u00df\"", "\"\\u0130\"", "\"\\u212a\"", "\"../..\"", "\"%00\"", "\"{id}\"",
        "\"2030-02-30T00:00:00Z\"", "\"2030-01-01T00:00:60Z\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59-14:00\"", "\"10000-01-01T00:00:00Z\"", "\"Europe/Nowhere\"", "\"/etc/localtime\"",
        "\"http://[::1]/\"", "\"http://169.254.169.254/\"", "\"file:///etc/passwd\"", "\"https://a:b@c/\"", "\"http://127.1:1/\"", "\"http://\\u0131.example/\"", "\"world\"", "\"fee\"", "\"*\"", "\"agent:\"", "\"campaign/x\"",
        "\"\\ud83d\"", "\"\\x\"", "\"\\u12\"", "\"tab\tinside\"", "tru", "nul", "'a'", "[1,]", "{\"a\":1,}", "//", "[", "{", "]", "\"",
        $"\"{string.Concat(Enumerable.Repeat(Long, 300))}\"", $"[{string.Join(',', Enumerable.Repeat("1", 2_000))}]", new string('[', 40) + new string(']', 40), new string('[', 3_000), string.Concat(Enumerable.Repeat("{\"a\":", 70)) + "1" + new string('}', 70),
        $"{{{string.Join(',', Enumerable.Range(0, 500).Select(n => $"\"m{n}\":{n}"))}}}",
    ];

    public static readonly string[] Schemas =
    [
        "true", "{}", """{"type":"object"}""", """{"$ref":"#"}""", """{"pattern":"^(a+)+$"}""", """{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/a"}}}""", """{"type":"object","required":["a"],"properties":{"a":{"minLength":1e3}}}""",
        """{"multipleOf":1e-300}""", """{"$id":"http://x/","$dynamicRef":"#a"}""", """{"enum":[null,1,"1",[1],{"a":1}]}""", """{"oneOf":[true,true]}""", """{"not":{"$ref":"#"}}""", """{"type":"nothing"}""", """{"unevaluatedProperties":false,"allOf":[{}]}""",
        """{"format":"regex","pattern":"("}""", """{"minimum":1e400}""", """{"properties":{"\u0000":{"const":"\ud83d\ude00"}}}""", """{"$schema":"http://json-schema.org/draft-04/schema#"}""",
    ];

    public static readonly string[] ContentTypes =
    [
        "application/json", "application/merge-patch+json", "application/json-patch+json", "application/json; charset=utf-8", "application/json; charset=\"utf-8\"", "application/json;charset=utf-16", "application/json; charset=utf-7", "application/json; charset=nothing", "application/json; charset=", "application/json;",
        "application/json; =", "application/json; charset=utf-8; charset=utf-16", "application/jsonx", "application/problem+json", "APPLICATION/JSON", "text/json", "text/plain", "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-7",
        "application/x-www-form-urlencoded; charset=utf-32", "application/x-www-form-urlencoded; charset=nothing", "application/x-www-form-urlencoded; charset=\"", "application/x-www-form-urlencoded+json", "application/x-www-form-urlencodedx", "application/x-www-form-urlencoded; ;;",
        "multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary=\"\"", "application/octet-stream", "*/*", "/", ";", "json", "", "application/json, text/plain", "application/json\t", "\u00e4/\u00e4",
    ];

    public static readonly string[] Forms = ["decision=approve", "decision=deny", "decision=", "decision", "=", "&", "decision=approve&decision=deny", "decision=%zz", "decision=%00", "%", "a=b&c=d&e=f&g=h", "decision=%61pprove", "--x\r\nContent-Disposition: form-data; name=decision\r\n\r\napprove\r\n--x--", "+"];

    public static readonly string[] Paths = ["//", "/%00", "/%", "/%zz", "/%c0%af", "/%ed%a0%80", "/..%2f", "/../", "/./", "/%2e%2e/", ";a=b", "/\u00e4", "/ ", "?", "#", "%0d%0a", "/%F0%9F%98%80", "\\", "*"];

    public static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "G T", "", "PRI", "PROPFIND", "A-METHOD-THAT-IS-MUCH-LONGER-THAN-ANY-THAT-ANYBODY-EVER-NAMED"];

    public static readonly string[] Versions = ["HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9", "http/1.1", "HTTP/1.", "", "HTTP/1.1 "];

    public static readonly string[] ChunkSizes = ["FFFFFFFFFFFFFFFFF", "FFFFFFFF", "7FFFFFFF", "80000000", "-1", "+5", " 5", "5 ", "0x5", "", "g", "00000000000000000000005", "5;a=b", "5;\"", "5;" + "a=b;a=b;a=b;a=b", "\u0661"];

    public static readonly (string Name, string Value)[] Headers =
    [
        ("Idempotency-Key", ""), ("Idempotency-Key", "a b"), ("Idempotency-Key", "\u00e4"), ("Idempotency-Key", new string('k', 256)), ("Idempotency-Key", new string('k', 255)), ("Authorization", ""), ("Authorization", "Bearer"), ("Authorization", "Bearer "),
        ("Authorization", "Basic OnBhc3M="), ("Authorization", "Bearer agt_"), ("Authorization", "Bearer agt_.1."), ("Authorization", "Bearer agt_s.99999999999999999999.AAAA"), ("Authorization", "Bearer agk_a.b"), ("Authorization", "Bearer agk_.."),
        ("Authorization", "Bearer agt_\u00e4"), ("Accept", "text/csv"), ("Accept", "text/csv;q=zzz, ,,;"), ("Accept", ";"), ("Accept", "\u00e4"), ("Accept-Encoding", "gzip, br;q=2"), ("Prefer", "respond-async"), ("Prefer", "respond-async; wait=999999999999999999999"), ("Prefer", ",,="),
        ("Range", "bytes=0-"), ("Range", "bytes=9-1"), ("If-None-Match", "*"), ("If-None-Match", "W/\"\""), ("If-None-Match", "\""), ("If-Match", "*"), ("If-Match", "\"a\", W/\"b\",,"), ("If-Match", ""), ("If-Match", "\u00e4"), ("If-Match", "\"pM0vWFVOQHyzRZw9OQ0sXw\""), ("If-Modified-Since", "yesterday"), ("Cookie", "a=b; c=\u00e4"), ("Expect", "100-continue"), ("Expect", "a miracle"), ("Upgrade", "h2c"), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
        ("Connection", "close, close"), ("Content-Encoding", "gzip"), ("Content-Encoding", ""), ("X-Forwarded-For", "1.2.3.4, ::1, unknown, \"[::1]:8\""), ("X-Forwarded-Proto", "gopher"), ("X-HTTP-Method-Override", "DELETE"), ("Traceparent", "00-zz-zz-zz"),
        ("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), ("Host", ""), ("Host", "a:b"), ("Host", "[::1"), ("Host", "a b"), ("Content-Length", "0"), ("Content-Length", "-1"), ("Content-Length", "99999999999999999999"), ("Content-Length", "1, 1"),
        ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "gzip, chunked"), ("Transfer-Encoding", "identity"), ("PAYMENT-SIGNATURE", "e30="), ("PAYMENT-SIGNATURE", "%"), ("PAYMENT-SIGNATURE", "eyJ4NDAyVmVyc2lvbiI6Mn0="), ("X-PAYMENT", "eyJ4NDAyVmVyc2lvbiI6MX0="), ("X-PAYMENT", "W10="),
        ("X-Long", new string('x', 9_000)), ("A B", "c"), ("", "empty"), ("Bad\u0001Name", "c"), ("Folded", "a\r\n b"), ("Null", "a\u0000b"), ("X-Latin", "\u00ff\u00fe"),
    ];
}
