using System.Text;

namespace Agora.Outbound.Tests;

/// <summary>The calls and callers that tests share.</summary>
internal static class Calls
{
    public const string Key = "018f0000-0000-7000-8000-000000000001";

    /// <summary>A caller whose allow list holds exactly this service, and whose pauses are as short as the policy allows.</summary>
    public static HttpOutbound For(ScriptedService service, TimeProvider? time = null, Resolve? resolve = null) =>
        new(AllowList.Parse($"127.0.0.1:{service.Port}"), time ?? new FakeTime(), resolve, jitter: () => 0);

    public static OutboundCall To(int port, string host = "127.0.0.1", string scheme = "http", string service = "summarize",
        double attemptSeconds = 5, double deadlineSeconds = 20, string? traceparent = null, AuthHeader? auth = null, bool readsRefusals = false,
        string? body = """{"text":"hello"}""", string? caller = null, string? agent = null, CancellationToken unwanted = default, TakeRoom? room = null) => new()
    {
        ServiceId = service,
        Caller = caller is null ? null : new(caller, agent ?? $"agent of {caller}"),
        Endpoint = new Uri($"{scheme}://{host}:{port}/run?x=1"),
        Body = body is null ? null : (ReadOnlyMemory<byte>?)Encoding.UTF8.GetBytes(body),
        ReadsRefusals = readsRefusals,
        IdempotencyKey = Key,
        Unwanted = unwanted,
        Room = room,
        Traceparent = traceparent,
        Auth = auth,
        AttemptTimeout = TimeSpan.FromSeconds(attemptSeconds),
        Deadline = TimeSpan.FromSeconds(deadlineSeconds),
    };

    public static OutboundCall Trying(int port) => new()
    {
        ServiceId = "summarize", Endpoint = new Uri($"http://127.0.0.1:{port}/run?x=1"), Body = "{}"u8.ToArray(), IsTry = true, MaxCost = "12.5", IdempotencyKey = Key,
    };

    public static OutboundCall TakingBack(int port) => new()
    {
        ServiceId = "summarize", Endpoint = new Uri($"http://127.0.0.1:{port}/run?x=1"), Body = null, TakesBack = true, IdempotencyKey = Key,
    };

    public static Task<OutboundResult> Call(this HttpOutbound outbound, OutboundCall call) => outbound.Call(call, CancellationToken.None);

    public static string Text(this OutboundResult result) =>
        Encoding.UTF8.GetString(Assert.IsType<OutboundResult.Succeeded>(result).Body.Span);

    public static OutboundFailure Kind(this OutboundResult result) => Assert.IsType<OutboundResult.Failed>(result).Kind;
}
