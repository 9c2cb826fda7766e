using System.Text;
using Agora.Crypto;
using Agora.Crypto.Http;

namespace Agora.Proof.Tests.Crypto;

public sealed class HttpSignatureTests
{
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"hello": "world"}""");
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1_618_884_473);
    private static readonly string[] Covered = ["@method", "@target-uri", "content-digest"];

    /// <summary>RFC 9421 §B.1.4, test-key-ed25519.</summary>
    private static readonly byte[] Seed = Convert.FromBase64String("MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF")[^32..];

    [Fact]
    public void The_vector_B_2_6_of_RFC_9421_is_signed_and_verifies()
    {
        const string Input = """("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519" """;
        const string Signature = "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:";
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["date"] = "Tue, 20 Apr 2021 02:07:55 GMT",
            ["content-type"] = "application/json",
            ["content-digest"] = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
            ["content-length"] = "18",
            ["signature-input"] = $"sig-b26={Input.Trim()}",
            ["signature"] = Signature,
        };
        var message = new HttpMessage("POST", "https", "example.com", "/foo?param=Value&Pet=dog", name => fields.TryGetValue(name, out var value) ? [value] : []);
        var input = SignatureInput.All(fields["signature-input"])!["sig-b26"];
        using var key = new Ed25519PrivateKey(Seed);

        Assert.Equal(
            """
            "date": Tue, 20 Apr 2021 02:07:55 GMT
            "@method": POST
            "@path": /foo
            "@authority": example.com
            "content-type": application/json
            "content-length": 18
            "@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"
            """.ReplaceLineEndings("\n"), HttpSignature.Base(message, input));
        Assert.Equal((fields["signature-input"], Signature), HttpSignature.Sign(message, input, "sig-b26", key));
        Assert.Null(HttpSignature.Verify(message, Body, new([]), id => id == "test-key-ed25519" ? new(key.PublicKey) : null, At).Fault);
        Assert.True(ContentDigest.IsOf(fields["content-digest"], Body));
    }

    [Theory]
    [InlineData("POST", "https://Example.com:443/a/%7Eb?q=%20x&y", "https://example.com/a/~b?q=%20x&y", "example.com", "?q=%20x&y")]
    [InlineData("GET", "http://example.com:8080", "http://example.com:8080/", "example.com:8080", "?")]
    [InlineData("GET", "http://[::1]:80/x", "http://[::1]/x", "[::1]", "?")]
    [InlineData("GET", "https://b\u00fccher.example/", "https://xn--bcher-kva.example/", "xn--bcher-kva.example", "?")]
    public void Derived_components_are_those_of_RFC_9421(string method, string url, string target, string authority, string query)
    {
        var message = HttpMessage.To(method, new(url), _ => []);
        var input = new SignatureInput(["@method", "@target-uri", "@authority", "@query"], At, "k");

        Assert.StartsWith($"\"@method\": {method}\n\"@target-uri\": {target}\n\"@authority\": {authority}\n\"@query\": {query}\n\"@signature-params\": ", HttpSignature.Base(message, input), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_signed_verifies_and_says_how_it_was_made()
    {
        var request = new Request();

        var verdict = request.Verify();

        Assert.Null(verdict.Fault);
        Assert.Equal(("key-1", "n-1", "t", 1_618_884_473L, 1_618_884_533L), (verdict.Input!.KeyId, verdict.Input.Nonce, verdict.Input.Tag, verdict.Input.Created, verdict.Input.Expires));
    }

    public static TheoryData<string, SignatureFault, Action<Request>> Changes => new()
    {
        { "no signature", SignatureFault.Missing, r => r.Fields.Remove("signature") },
        { "no input", SignatureFault.Missing, r => r.Fields.Remove("signature-input") },
        { "a signature of another label", SignatureFault.Missing, r => r.Change("signature", "sig=", "other=") },
        { "a label twice", SignatureFault.Malformed, r => r.Fields["signature-input"] += ", " + r.Fields["signature-input"] },
        { "a signature's label twice", SignatureFault.Malformed, r => r.Fields["signature"] += ", " + r.Fields["signature"] },
        { "a parameter twice", SignatureFault.Malformed, r => r.Fields["signature-input"] += ";tag=\"t\"" },
        { "a parameter that is not known", SignatureFault.Malformed, r => r.Fields["signature-input"] += ";more=\"t\"" },
        { "a component twice", SignatureFault.Malformed, r => r.Change("signature-input", "(\"@method\"", "(\"@method\" \"@method\"") },
        { "a derived component with ;bs", SignatureFault.Malformed, r => r.Change("signature-input", "\"@method\"", "\"@method\";bs") },
        { "a component with ;req", SignatureFault.Malformed, r => r.Change("signature-input", "\"@method\"", "\"@method\";req") },
        { "a field with ;sf", SignatureFault.Malformed, r => r.Change("signature-input", "\"content-digest\"", "\"content-digest\";sf") },
        { "a field with ;tr", SignatureFault.Malformed, r => r.Change("signature-input", "\"content-digest\"", "\"content-digest\";tr") },
        { "a field with ;key", SignatureFault.Malformed, r => r.Change("signature-input", "\"content-digest\"", "\"content-digest\";key=\"sha-256\"") },
        { "a field with ;bs and ;sf", SignatureFault.Malformed, r => r.Change("signature-input", "\"content-digest\"", "\"content-digest\";bs;sf") },
        { "a field with ;bs twice", SignatureFault.Malformed, r => r.Change("signature-input", "\"content-digest\"", "\"content-digest\";bs;bs") },
        { "a field with ;bs that is not true", SignatureFault.Malformed, r => r.Change("signature-input", "\"content-digest\"", "\"content-digest\";bs=?0") },
        { "a parameter within the name", SignatureFault.Malformed, r => r.Change("signature-input", "\"content-digest\"", "\"content-digest\" \"content-digest;bs\"") },
        { "a component with ;bs twice", SignatureFault.Malformed, r => r.Change("signature-input", "\"content-digest\"", "\"content-digest\" \"x\";bs \"x\";bs") },
        { "a component that is asked for as bytes only", SignatureFault.CoversTooLittle, r => r.Sign(["@method", "@target-uri", "content-digest;bs"]) },
        { "a field with ;bs that is not there", SignatureFault.CoversTooLittle, r => r.Change("signature-input", "\"content-digest\"", "\"content-digest\" \"x\";bs") },
        { "a field as bytes in the place of its text", SignatureFault.Wrong, r => r.Change("signature-input", "\"content-digest\"", "\"content-digest\" \"content-digest\";bs") },
        { "no blank between components", SignatureFault.Malformed, r => r.Change("signature-input", "\"@method\" ", "\"@method\"") },
        { "a comma at the end", SignatureFault.Malformed, r => r.Fields["signature-input"] += "," },
        { "base64 without padding", SignatureFault.Malformed, r => r.Change("signature", "==:", ":") },
        { "created as a decimal", SignatureFault.Malformed, r => r.Change("signature-input", "created=1618884473", "created=1618884473.0") },
        { "created as text", SignatureFault.Malformed, r => r.Change("signature-input", "created=1618884473", "created=\"1618884473\"") },
        { "sixteen digits", SignatureFault.Malformed, r => r.Change("signature-input", "created=1618884473", "created=1618884473000000") },
        { "another script", SignatureFault.Malformed, r => r.Change("signature-input", "tag=\"t\"", "tag=\"\u00fc\"") },
        { "8 KiB and more", SignatureFault.Malformed, r => r.Fields["signature-input"] += new string(' ', HttpSignature.MaxFieldCharacters) },
        { "nothing", SignatureFault.Malformed, r => r.Fields["signature-input"] = "" },
        { "another tag", SignatureFault.NotOne, r => r.Change("signature-input", "tag=\"t\"", "tag=\"u\"") },
        { "two of one tag", SignatureFault.NotOne, r => r.Fields["signature-input"] += ", more=();tag=\"t\"" },
        { "a component less", SignatureFault.CoversTooLittle, r => r.Sign(["@method", "@target-uri"]) },
        { "a field that is not there", SignatureFault.CoversTooLittle, r => r.Fields.Remove("content-digest") },
        { "a derived component that is not known", SignatureFault.CoversTooLittle, r => r.Change("signature-input", "\"content-digest\"", "\"content-digest\" \"@status\"") },
        { "another algorithm", SignatureFault.Algorithm, r => r.Change("signature-input", "alg=\"ed25519\"", "alg=\"hmac-sha256\"") },
        { "an unknown key", SignatureFault.UnknownKey, r => r.Change("signature-input", "key-1", "key-2") },
        { "61 s old", SignatureFault.Stale, r => r.Now = At.AddSeconds(61) },
        { "61 s ahead", SignatureFault.Stale, r => r.Now = At.AddSeconds(-61) },
        { "no time", SignatureFault.Stale, r => r.Change("signature-input", "created=1618884473;", "") },
        { "expired", SignatureFault.Expired, r => r.Now = At.AddSeconds(60) },
        { "another body", SignatureFault.Digest, r => r.Body = [.. Body, (byte)' '] },
        { "another digest", SignatureFault.Wrong, r => r.Fields["content-digest"] = ContentDigest.Of("x"u8) },
        { "another method", SignatureFault.Wrong, r => r.Method = "PUT" },
        { "another target", SignatureFault.Wrong, r => r.Target = "/foo?param=other" },
        { "another nonce", SignatureFault.Wrong, r => r.Change("signature-input", "n-1", "n-2") },
        { "a changed signature", SignatureFault.Wrong, r => r.Fields["signature"] = $"sig={StructuredField.OfBytes(new byte[64])}" },
        { "a short signature", SignatureFault.Wrong, r => r.Fields["signature"] = "sig=:AAAA:" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_was_changed_is_refused_for_that(string what, SignatureFault fault, Action<Request> change)
    {
        var request = new Request();
        change(request);

        Assert.True(request.Verify() is { Input: null } verdict && verdict.Fault == fault, $"{what}: {request.Verify().Fault}");
    }

    /// <summary>RFC 9421 §2.1.3: two lines and one line that has the same values are not the same bytes.</summary>
    [Theory]
    [InlineData("value, with, lots\nof, commas", "\"example-header\";bs: :dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:")]
    [InlineData("value, with, lots, of, commas", "\"example-header\";bs: :dmFsdWUsIHdpdGgsIGxvdHMsIG9mLCBjb21tYXM=:")]
    [InlineData("\u3042\n \n\tx\t", "\"example-header\";bs: :44GC:, ::, :eA==:")]
    public void Field_with_bs_is_signed_line_by_line_as_bytes(string lines, string signed)
    {
        var request = new Request { Fields = { ["example-header"] = lines } };

        request.Sign([.. Covered, "example-header;bs"]);

        Assert.Contains($"\n{signed}\n", HttpSignature.Base(request.Message, SignatureInput.All(request.Fields["signature-input"])!["sig"]), StringComparison.Ordinal);
        Assert.Null(request.Verify().Fault);
        request.Fields["example-header"] += "\nmore";
        Assert.Equal(SignatureFault.Wrong, request.Verify().Fault);
    }

    [Fact]
    public void Field_may_be_covered_as_text_and_as_bytes_and_a_proxy_that_joins_its_lines_breaks_the_second_only()
    {
        var (both, text) = (new Request { Fields = { ["x"] = "a\nb" } }, new Request { Fields = { ["x"] = "a\nb" } });
        both.Sign([.. Covered, "x", "x;bs"]);
        text.Sign([.. Covered, "x"]);

        Assert.Null(both.Verify().Fault);
        Assert.Contains("\"x\" \"x\";bs)", both.Fields["signature-input"], StringComparison.Ordinal);
        both.Fields["x"] = text.Fields["x"] = "a, b";
        Assert.Equal((SignatureFault.Wrong, null), (both.Verify().Fault, text.Verify().Fault));
    }

    [Fact]
    public void Any_text_in_the_fields_has_a_verdict()
    {
        var random = new Random(7);
        const string Letters = "sig=(\"@method\" content-digest\\);,:created1234567890keyidalg ed25519\t*-.";
        for (var i = 0; i < 20_000; i++)
        {
            var request = new Request();
            var name = random.Next(2) == 0 ? "signature" : "signature-input";
            var text = request.Fields[name].ToCharArray();
            for (var n = random.Next(1, 4); n > 0; n--) text[random.Next(text.Length)] = Letters[random.Next(Letters.Length)];
            request.Fields[name] = new(text);

            Assert.Equal(request.Verify().Fault is null, new string(text) == new Request().Fields[name]);
        }
    }

    [Theory]
    [InlineData("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:", true)]
    [InlineData("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, unknown=:AAAA:", true)]
    [InlineData("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, sha-512=:AAAA:", false)]
    [InlineData("unknown=:AAAA:", false)]
    [InlineData("sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=", false)]
    [InlineData(null, false)]
    public void A_digest_counts_where_one_of_its_algorithms_is_known_and_all_of_these_agree(string? field, bool counts) => Assert.Equal(counts, ContentDigest.IsOf(field, Body));

    public sealed class Request
    {
        private static readonly Ed25519PrivateKey Key = new(Seed);

        public Request() => Sign(Covered);

        public Dictionary<string, string> Fields { get; } = new(StringComparer.Ordinal) { ["content-digest"] = ContentDigest.Of(HttpSignatureTests.Body) };

        public byte[] Body { get; set; } = HttpSignatureTests.Body;

        public string Method { get; set; } = "POST";

        public string Target { get; set; } = "/foo?param=Value";

        public DateTimeOffset Now { get; set; } = At;

        public HttpMessage Message => new(Method, "https", "example.com", Target, name => Fields.TryGetValue(name, out var value) ? value.Split('\n') : []);

        public void Change(string field, string from, string to)
        {
            Assert.Contains(from, Fields[field], StringComparison.Ordinal);
            Fields[field] = Fields[field].Replace(from, to, StringComparison.Ordinal);
        }

        public void Sign(string[] components) =>
            (Fields["signature-input"], Fields["signature"]) = HttpSignature.Sign(Message, new(components, At, "key-1", "n-1", "t", At.AddSeconds(60)), "sig", Key);

        public SignatureVerdict Verify() => HttpSignature.Verify(Message, Body, new(Covered, "t"), id => id == "key-1" ? new(Key.PublicKey) : null, Now);
    }
}
