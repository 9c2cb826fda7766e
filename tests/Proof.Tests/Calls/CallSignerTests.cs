using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Agora.Crypto;
using Agora.Crypto.Http;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Proof.Calls;
using Agora.Proof.Keys;
using Agora.Testing;

namespace Agora.Proof.Tests.Calls;

public sealed class CallSignerTests
{
    private static readonly byte[] Body = """{"text":"hello"}"""u8.ToArray();

    private readonly SimTimeProvider _time = new();
    private readonly AwayJournal _journal;

    public CallSignerTests() => _journal = new(new MemoryJournal(_time));

    [Fact]
    public async Task A_call_is_signed_by_the_published_key_over_what_the_contract_names()
    {
        using var keys = Keys();
        var signed = await Signed(new CallSigner(keys, _time), cost: null);
        var published = await keys.Public(default);

        var verdict = Verify(signed, Body, published);

        Assert.Null(verdict.Fault);
        Assert.Equal(CallSigner.Components, verdict.Input!.Components);
        Assert.Equal((published[0].KeyId, _time.GetUtcNow().ToUnixTimeSeconds(), "agora-service-call"), (verdict.Input.KeyId, verdict.Input.Created, verdict.Input.Tag));
        Assert.Equal(SignatureFault.Digest, Verify(signed, "{}"u8.ToArray(), published).Fault);
        Assert.NotEqual(verdict.Input.Nonce, Verify(await Signed(new CallSigner(keys, _time), cost: null), Body, published).Input!.Nonce);
    }

    [Fact]
    public async Task Of_a_metered_call_the_most_it_may_cost_is_signed_too()
    {
        using var keys = Keys();

        var signed = await Signed(new CallSigner(keys, _time), cost: "12");

        Assert.Equal([.. CallSigner.Components, "agora-max-cost-cents"], Verify(signed, Body, await keys.Public(default)).Input!.Components);
        signed.Headers.Remove("Agora-Max-Cost-Cents");
        signed.Headers.Add("Agora-Max-Cost-Cents", "13");
        Assert.Equal(SignatureFault.Wrong, Verify(signed, Body, await keys.Public(default)).Fault);
    }

    [Fact]
    public async Task Of_a_try_that_it_is_one_is_signed_too()
    {
        using var keys = Keys();
        var request = Request(cost: "12");
        request.Headers.Add("Agora-Try", "true");
        foreach (var (name, value) in (await new CallSigner(keys, _time).Sign(request, Body, default))!) request.Headers.Add(name, value);

        Assert.Equal([.. CallSigner.Components, "agora-max-cost-cents", "agora-try"], Verify(request, Body, await keys.Public(default)).Input!.Components);
        request.Headers.Remove("Agora-Try");
        Assert.NotNull(Verify(request, Body, await keys.Public(default)).Fault);
    }

    [Fact]
    public async Task A_DELETE_is_signed_without_what_it_has_not()
    {
        using var keys = Keys();
        var request = new HttpRequestMessage(HttpMethod.Delete, "https://service.example/run") { Headers = { { "Idempotency-Key", "key-1" } } };
        foreach (var (name, value) in (await new CallSigner(keys, _time).Sign(request, null, default))!) request.Headers.Add(name, value);

        string[] covered = ["@method", "@target-uri", "idempotency-key"];
        var message = HttpMessage.To("DELETE", request.RequestUri!, name => request.Headers.TryGetValues(name, out var values) ? [values.Single()] : []);
        var key = (await keys.Public(default))[0];
        var verdict = HttpSignature.Verify(message, [], new(covered, CallSigner.Tag), id => id == key.KeyId ? key : null, _time.GetUtcNow());
        Assert.Null(verdict.Fault);
        Assert.Equal(covered, verdict.Input!.Components);
    }

    [Fact]
    public async Task After_a_rotation_the_new_key_signs_within_a_minute_and_the_former_one_verifies_still()
    {
        using var keys = Keys();
        using var elsewhere = Keys();
        var signer = new CallSigner(keys, _time);
        var before = await Signed(signer, cost: null);

        var rotated = await elsewhere.Rotate(default);
        var meanwhile = await Signed(signer, cost: null);
        _time.Advance(SigningKeys.TimeToLive);
        var after = await Signed(signer, cost: null);

        var published = await keys.Public(default);
        Assert.Equal(published[0].KeyId, Verify(meanwhile, Body, published).Input!.KeyId);
        Assert.Equal(published[0].KeyId, Verify(before, Body, published).Input!.KeyId);
        Assert.Equal(rotated.KeyId, Verify(after, Body, published).Input!.KeyId);
    }

    [Fact]
    public async Task While_the_journal_is_away_the_known_key_signs_and_without_one_nothing_is_signed()
    {
        using var keys = Keys();
        var signer = new CallSigner(keys, _time);
        await Signed(signer, cost: null);
        _time.Advance(SigningKeys.TimeToLive);
        _journal.IsAway = true;

        Assert.True((await Signed(signer, cost: null)).Headers.Contains("Signature"));

        using var others = new SigningKeys(_journal, new byte[32], _time);
        Assert.Null(await new CallSigner(others, _time).Sign(Request(null), Body, default));
    }

    [PublicVerifierFact]
    public async Task A_public_verifier_takes_what_was_signed_and_nothing_that_was_changed()
    {
        using var keys = Keys();
        var signed = await Signed(new CallSigner(keys, _time), cost: "12");
        var document = new JsonObject
        {
            ["method"] = "POST",
            ["url"] = signed.RequestUri!.AbsoluteUri,
            ["headers"] = new JsonObject([.. signed.Headers.Concat(signed.Content!.Headers).Select(h => KeyValuePair.Create(h.Key, (JsonNode?)h.Value.Single()))]),
            ["key"] = (await keys.Public(default))[0].Document(),
        };

        Assert.Equal("true", await PublicVerifier.Verify(document));
        document["headers"]!["Idempotency-Key"] = "key-2";
        Assert.Equal("false", await PublicVerifier.Verify(document));
    }

    private SigningKeys Keys()
    {
        var keys = new SigningKeys(_journal, new byte[32], _time);
        keys.Load(mayMake: true, default).GetAwaiter().GetResult();
        return keys;
    }

    private static async Task<HttpRequestMessage> Signed(CallSigner signer, string? cost)
    {
        var request = Request(cost);
        foreach (var (name, value) in (await signer.Sign(request, Body, default))!) Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return request;
    }

    private static HttpRequestMessage Request(string? cost)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "https://service.example/run?x=1") { Content = new ByteArrayContent(Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        request.Headers.Add("Idempotency-Key", "key-1");
        if (cost is not null)
        {
            request.Headers.Add("Agora-Max-Cost-Cents", cost);
        }

        return request;
    }

    private SignatureVerdict Verify(HttpRequestMessage request, byte[] body, IReadOnlyList<Jwk> keys)
    {
        var fields = request.Headers.Concat(request.Content!.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        var message = HttpMessage.To("POST", request.RequestUri!, name => fields.TryGetValue(name, out var value) ? [value] : []);
        return HttpSignature.Verify(message, body, new(CallSigner.Components, CallSigner.Tag) { Apart = TimeSpan.FromMinutes(2) }, id => keys.FirstOrDefault(k => k.KeyId == id), _time.GetUtcNow());
    }

    private sealed class AwayJournal(IJournal inner) : DelegatingJournal(inner)
    {
        public bool IsAway { get; set; }

        public override Task<ReadOnlyMemory<byte>?> LoadKey(string name, CancellationToken cancel) =>
            IsAway ? throw new JournalUnavailableException("away") : base.LoadKey(name, cancel);
    }
}
