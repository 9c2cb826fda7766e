namespace Agora.Outbound.Tests;

public sealed class SignedCallTests
{
    [Fact]
    public async Task Each_attempt_of_a_call_that_wants_it_is_signed_anew_over_what_is_sent()
    {
        await using var service = new ScriptedService(n => n == 1 ? ScriptedService.Response("503 Service Unavailable") : ScriptedService.Response("200 OK", "{}"));
        var signer = new Counts();
        using var outbound = For(service, signer);

        var result = await outbound.Call(Signed(Calls.To(service.Port)));

        Assert.Equal("{}", result.Text());
        Assert.Equal(["1", "2"], service.Seen.Select(seen => seen.Headers["Signature"].Single()));
        Assert.All(signer.Requests, r => Assert.Equal($"POST http://127.0.0.1:{service.Port}/run?x=1 {Calls.Key} application/json", r));
    }

    [Fact]
    public async Task A_call_that_does_not_want_it_is_not_signed()
    {
        await using var service = new ScriptedService(_ => ScriptedService.Response("200 OK", "{}"));
        using var outbound = For(service, new Counts());

        await outbound.Call(Calls.To(service.Port));

        Assert.All(service.Seen, seen => Assert.Empty(seen.Headers["Signature"]));
    }

    [Fact]
    public async Task Without_a_key_nothing_is_sent_and_the_service_is_not_blamed()
    {
        await using var service = new ScriptedService(_ => ScriptedService.Response("200 OK", "{}"));
        using var outbound = For(service, new Counts { HasKey = false });

        for (var i = 0; i < 30; i++)
        {
            var result = await outbound.Call(Signed(Calls.To(service.Port)));
            Assert.Equal((OutboundFailure.Unsigned, 0), (result.Kind(), result.Sent));
        }

        Assert.Equal(0, service.Connections);
    }

    [Theory]
    [InlineData("Signature")]
    [InlineData("signature-input")]
    [InlineData("Content-Digest")]
    public void A_service_cannot_name_the_fields_of_the_signature_as_its_own_header(string name) => Assert.NotNull(HeaderRules.Check(name, "x"));

    [Theory]
    [InlineData("Signature")]
    [InlineData("signature-input")]
    public async Task A_service_that_has_such_a_header_from_before_is_called_with_it_and_unsigned(string name)
    {
        await using var service = new ScriptedService(_ => ScriptedService.Response("200 OK", "{}"));
        var signer = new Counts();
        using var outbound = For(service, signer);

        var result = await outbound.Call(Signed(Calls.To(service.Port), new(name, "its own")));

        Assert.Equal("{}", result.Text());
        Assert.Equal("its own", Assert.Single(service.Seen).Headers[name].Single());
        Assert.Empty(signer.Requests);
    }

    private static HttpOutbound For(ScriptedService service, ICallSigner signer) =>
        new(AllowList.Parse($"127.0.0.1:{service.Port}"), new FakeTime(), jitter: () => 0, signer: signer);

    private static OutboundCall Signed(OutboundCall call, AuthHeader? auth = null) => new() { Auth = auth, ServiceId = call.ServiceId, Endpoint = call.Endpoint, Body = call.Body, IdempotencyKey = call.IdempotencyKey, IsSigned = true };

    private sealed class Counts : ICallSigner
    {
        public bool HasKey { get; init; } = true;

        public List<string> Requests { get; } = [];

        public ValueTask<IReadOnlyList<KeyValuePair<string, string>>?> Sign(HttpRequestMessage request, ReadOnlyMemory<byte>? body, CancellationToken cancellation)
        {
            if (!HasKey) return ValueTask.FromResult<IReadOnlyList<KeyValuePair<string, string>>?>(null);
            Requests.Add($"{request.Method} {request.RequestUri} {request.Headers.GetValues("Idempotency-Key").Single()} {request.Content!.Headers.ContentType}");
            return ValueTask.FromResult<IReadOnlyList<KeyValuePair<string, string>>?>([new("Signature", $"{Requests.Count}")]);
        }
    }
}
