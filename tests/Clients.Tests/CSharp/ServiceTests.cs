using System.ComponentModel.DataAnnotations;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Agora.Crypto;
using Agora.Provider.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Agora.Clients.Tests.CSharp;

/// <summary>src/Provider.Http: what docs/services.md asks of a service, asked as Agora does.</summary>
public sealed class ServiceTests : IAsyncLifetime
{
    private static readonly Ed25519PrivateKey Key = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly List<string> _runs = [];
    private readonly List<string> _cancelled = [];
    private readonly TaskCompletionSource _gate = new();
    private readonly TaskCompletionSource _two = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _asked;
    private WebApplication _app = null!;
    private MappedService _counter = null!;
    private Uri _url = null!;

    public async Task InitializeAsync()
    {
        _url = ClientWorld.FreeAddress();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAgoraServices(_url, options => options.FindKey = (id, _) => Task.FromResult(Found(id)));
        _app = builder.Build();
        _app.Urls.Add(_url.ToString());
        _counter = _app.MapAgoraService<Words, Counted>(
            new("counter", "text", "provider-c") { PriceCents = 1, Cancelled = run => { _cancelled.Add(run); return Task.CompletedTask; } },
            async (words, call) =>
            {
                _runs.Add(call.RunId);
                if (words.Mode == "wait")
                {
                    await _gate.Task;
                }

                return words.Mode switch
                {
                    "loud" => throw new RefusedException("Not so loud."),
                    "broken" => throw new InvalidOperationException("broken"),
                    "later" when _runs.Count == 1 => throw new TryAgainException(),
                    _ => new(words.Parts.Sum(part => part.Times)),
                };
            });
        _app.MapAgoraStream<Most, int>(new("stream", "text", "provider-c") { PriceCents = 1 }, (most, _) => Numbers(most));
        _app.MapAgoraService<Nothing, Metered<Said>>(new("meter", "text", "provider-c") { MaxPriceCents = 10 }, (_, call) => Task.FromResult(new Metered<Said>(new(call.MaxCostCents), 1.5m)));
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public void Types_are_its_schemas()
    {
        var said = _counter.Definition(new("https://text.example/"));

        Assert.Equal("https://text.example/counter", (string?)said["endpoint"]);
        Assert.Equal(["parts"], said["input_schema"]!["required"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(10, (int)said["input_schema"]!["properties"]!["parts"]!["items"]!["properties"]!["word"]!["maxLength"]!);
        Assert.False((bool)said["input_schema"]!["additionalProperties"]!);
        Assert.Equal(1m, (decimal)said["price_cents"]!);
    }

    [Fact]
    public async Task The_same_run_is_done_once_and_answered_the_same()
    {
        var first = await Call("counter", """{"parts":[{"word":"a","times":2}]}""", "same");
        var again = await Call("counter", """{"parts":[{"word":"a","times":2}]}""", "same");

        Assert.Equal((200, """{"count":2}"""), (first.Status, first.Body));
        Assert.Equal(first, again);
        Assert.Single(_runs);
        Assert.Equal(409, (await Call("counter", """{"parts":[]}""", "same")).Status);
    }

    [Fact]
    public async Task Two_at_once_are_one_execution()
    {
        Task<(int Status, string Body, string? Cost)>[] both = [Call("counter", """{"parts":[],"mode":"wait"}""", "both"), Call("counter", """{"parts":[],"mode":"wait"}""", "both")];
        await _two.Task;
        await Call("meter", "{}"); // behind both
        _gate.SetResult();

        Assert.All(await Task.WhenAll(both), one => Assert.Equal("""{"count":0}""", one.Body));
        Assert.Single(_runs);
    }

    [Theory]
    [InlineData("""{}""", "")]
    [InlineData("""{"parts":[{"times":1}]}""", "/parts/0")]
    [InlineData("""{"parts":[{"word":"a","times":"b"}]}""", "/parts/0/times")]
    [InlineData("""{"parts":[],"agora_check":1}""", "/agora_check")]
    [InlineData("""{"parts":[],"mode":"a mode that is too long"}""", "/mode")]
    [InlineData("{no json", "")]
    public async Task A_wrong_input_is_422_and_says_where_and_nothing_is_run(string body, string path)
    {
        var (status, said, _) = await Call("counter", body);

        Assert.Equal(422, status);
        Assert.Contains($"\"path\":\"{path}", said, StringComparison.Ordinal);
        Assert.Empty(_runs);
    }

    [Theory]
    [InlineData("loud", 422)]
    [InlineData("broken", 500)]
    public async Task What_it_refuses_and_what_breaks_stands(string mode, int status)
    {
        var body = JsonSerializer.Serialize(new { parts = Array.Empty<int>(), mode });

        Assert.Equal((status, status), ((await Call("counter", body, mode)).Status, (await Call("counter", body, mode)).Status));
        Assert.Single(_runs);
    }

    [Fact]
    public async Task What_is_for_later_does_not_stand() =>
        Assert.Equal((503, 200), ((await Call("counter", """{"parts":[],"mode":"later"}""", "later")).Status, (await Call("counter", """{"parts":[],"mode":"later"}""", "later")).Status));

    [Fact]
    public async Task A_stream_is_one_array_and_what_breaks_off_has_no_end()
    {
        Assert.Equal((200, "[0,1,2]"), ((await Call("stream", """{"count":3}""", "three")) is var (status, body, _) ? (status, body) : default));
        Assert.Equal("[0,1,2]", (await Call("stream", """{"count":3}""", "three")).Body);
        Assert.Equal("[]", (await Call("stream", """{"count":0}""")).Body);
        Assert.Equal(2, _runs.Count);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Call("stream", """{"count":3,"breaks":true}""", "breaks"));
        Assert.Equal(500, (await Call("stream", """{"count":3,"breaks":true}""", "breaks")).Status);
    }

    [Fact]
    public async Task A_metered_service_says_its_cost_and_a_run_that_is_taken_back_is_told()
    {
        Assert.Equal((200, """{"most":5}""", "1.5"), await Call("meter", "{}", maxCost: "5"));
        Assert.Equal(204, (await Call("counter", null, "run-9")).Status);
        Assert.Equal(["run-9"], _cancelled);
        Assert.Equal(404, (await Call("stream", null, "run-9")).Status);
    }

    [Fact]
    public async Task Who_is_not_Agora_is_refused()
    {
        const string Body = """{"parts":[]}""";
        using var other = new Ed25519PrivateKey(new byte[32]);
        Assert.Equal(401, (await Call("counter", Body, "run", change: sent => sent.Headers.Remove("Signature"))).Status);
        Assert.Equal(401, (await Call("counter", Body, "run", change: sent => Replace(sent, "Idempotency-Key", "another"))).Status);
        Assert.Equal(401, (await Call("counter", Body, "run", change: sent => Replace(sent, "Content-Digest", "sha-256=:AAAA:"))).Status);
        Assert.Equal(401, (await Call("counter", Body, "run", change: sent => sent.Headers.Add("Agora-Max-Cost-Cents", "1000"))).Status);
        Assert.Equal(401, (await Call("counter", Body, "run", change: sent => sent.Headers.Add("Agora-Try", "true"))).Status);
        Assert.Equal(401, (await Call("counter", Body, "run", change: sent => sent.Content = new StringContent("""{"parts":[ ]}""", new MediaTypeHeaderValue("application/json")))).Status);
        Assert.Equal(401, (await Call("counter", Body, "run", key: other)).Status);
        Assert.Equal(401, (await Call("counter", Body, "run", at: DateTimeOffset.UtcNow.AddSeconds(-70))).Status);
        Assert.Equal(401, (await Call("counter", Body, "run", at: DateTimeOffset.UtcNow.AddSeconds(90))).Status);
        foreach (var name in new[] { "@method", "@target-uri", "idempotency-key", "content-type", "content-digest" })
        {
            Assert.Equal(401, (await Call("counter", Body, "run", without: name)).Status);
        }

        Assert.Equal(401, (await Call("counter", Body, "run", tag: "else")).Status);
        Assert.Equal(401, (await Call("counter", Body, "run", to: "stream")).Status);
        Assert.Empty(_runs);
        Assert.Equal(200, (await Call("counter", Body, "run")).Status);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_413() => Assert.Equal(413, (await Call("counter", new string(' ', 262_145))).Status);

    /// <param name="body">Null: the run is taken back.</param>
    /// <param name="to">What is signed for, if that is another.</param>
    /// <param name="without">What the signature leaves out.</param>
    private async Task<(int Status, string Body, string? Cost)> Call(
        string service, string? body, string? run = null, string? maxCost = null, Action<HttpRequestMessage>? change = null, Ed25519PrivateKey? key = null, DateTimeOffset? at = null, string tag = "agora-service-call", string? to = null, string? without = null)
    {
        using var request = SignedCall.Of(new Uri(_url, service), body, run ?? Guid.NewGuid().ToString(), key ?? Key, maxCost, at, tag, new Uri(_url, to ?? service), without);
        change?.Invoke(request);
        using var response = await _http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.TryGetValues("Agora-Cost-Cents", out var cost) ? cost.Single() : null);
    }

    private byte[]? Found(string keyId)
    {
        if (Interlocked.Increment(ref _asked) == 2)
        {
            _two.SetResult();
        }

        return keyId == new Jwk(Key.PublicKey).KeyId ? Key.PublicKey.ToArray() : null;
    }

    private static void Replace(HttpRequestMessage request, string name, string value)
    {
        request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation(name, value);
    }

    private async IAsyncEnumerable<int> Numbers(Most most, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        _runs.Add("stream");
        for (var number = 0; number < most.Count; number++)
        {
            await Task.Yield();
            yield return number;
        }

        if (most.Breaks) throw new InvalidOperationException("broken");
    }

    private sealed record Words(IReadOnlyList<Part> Parts, [property: StringLength(10)] string Mode = "plain");

    private sealed record Part([property: StringLength(10)] string Word, int Times = 1);

    private sealed record Counted(int Count);

    private sealed record Most(int Count, bool Breaks = false);

    private sealed record Nothing;

    private sealed record Said(decimal? Most);
}
