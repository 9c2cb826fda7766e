using System.Collections.Concurrent;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Agora.Samples.Facilitator;
using Microsoft.AspNetCore.Http;

namespace Agora.Testing.Payments;

/// <summary>What a facilitator does with one request. "Acts": checks, and for /settle moves the money, as an honest one would.</summary>
public enum FacilitatorConduct
{
    Honest,

    /// <summary>Acts, then says nothing until the caller has given up.</summary>
    SilentAfterActing,

    /// <summary>Says nothing until <see cref="HostileFacilitator.Release"/>; then acts and answers, to whoever still listens.</summary>
    Slow,
    BadGatewayAfterActing,
    BadGatewayWithoutActing,
    ClosesAfterActing,
    ClosesWithoutActing,

    /// <summary>Acts, and writes its answer twice into one response.</summary>
    AnswersTwice,

    /// <summary>Acts, and answers a used nonce with success and the transaction of the first time, as some do.</summary>
    RepeatsSuccess,
    LiesAboutAmount,
    LiesAboutPayer,
    LiesAboutNetwork,

    /// <summary>Claims success and moves nothing.</summary>
    LiesAboutSuccess,
    HugeBody,
    NotJson,

    /// <summary>Refuses, whatever it said before.</summary>
    Refuses,

    /// <summary>Says of /settle that the end is open, and moves nothing.</summary>
    StaysOpen,
    ServerError,
}

/// <summary>A facilitator whose conduct is set request by request; honest where nothing is set. It counts what was asked and what moved.</summary>
public sealed class HostileFacilitator : IAsyncDisposable
{
    private const int HugeBytes = 4 << 20;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<FacilitatorConduct>> _next = new();
    private readonly ConcurrentDictionary<string, int> _asked = new();
    private readonly ConcurrentDictionary<string, byte[]> _settled = new();
    private readonly ConcurrentQueue<string> _bodies = new();
    private readonly Channel<string> _silent = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FacilitatorApp _app = null!;

    private HostileFacilitator()
    {
    }

    public Uri Address => _app.Address;

    /// <summary>How often money has moved.</summary>
    public int Transfers => _app.Transfers;

    public int Verifies => _asked.GetValueOrDefault("/verify");

    public int Settles => _asked.GetValueOrDefault("/settle");

    /// <summary>What was posted, in order.</summary>
    public IReadOnlyList<string> Bodies => [.. _bodies];

    public string? LastAuthorization { get; private set; }

    public string? LastIdempotencyKey { get; private set; }

    public static async Task<HostileFacilitator> Start(TimeProvider? time = null, IReadOnlyDictionary<string, BigInteger>? balances = null)
    {
        var facilitator = new HostileFacilitator();
        facilitator._app = await FacilitatorApp.Start(balances: balances, time: time, around: facilitator.Around);
        return facilitator;
    }

    /// <param name="path"><c>/verify</c> or <c>/settle</c>.</param>
    /// <param name="conducts">Of its next requests, one each.</param>
    public void Next(string path, params FacilitatorConduct[] conducts)
    {
        foreach (var conduct in conducts)
        {
            _next.GetOrAdd(path, _ => new()).Enqueue(conduct);
        }
    }

    /// <summary>Ends when a request hangs: from then on the caller's clock may be moved.</summary>
    public async Task Silence() => await _silent.Reader.ReadAsync();

    /// <summary>Lets what is slow go on.</summary>
    public void Release() => _released.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        await _app.DisposeAsync();
    }

    private async Task Around(HttpContext http, RequestDelegate act)
    {
        var path = http.Request.Path.Value!;
        _asked.AddOrUpdate(path, 1, (_, n) => n + 1);
        http.Request.EnableBuffering();
        var body = await new StreamReader(http.Request.Body).ReadToEndAsync();
        http.Request.Body.Position = 0;
        _bodies.Enqueue(body);
        LastAuthorization = http.Request.Headers.Authorization;
        LastIdempotencyKey = http.Request.Headers["Idempotency-Key"];
        var conduct = _next.TryGetValue(path, out var queue) && queue.TryDequeue(out var next) ? next : FacilitatorConduct.Honest;
        await (conduct switch
        {
            FacilitatorConduct.Honest => act(http),
            FacilitatorConduct.SilentAfterActing => Silent(http, act),
            FacilitatorConduct.Slow => Slow(http, act),
            FacilitatorConduct.BadGatewayAfterActing => After(http, act, _ => (502, [])),
            FacilitatorConduct.BadGatewayWithoutActing => Say(http, 502, []),
            FacilitatorConduct.ClosesAfterActing => Close(http, act),
            FacilitatorConduct.ClosesWithoutActing => Close(http, null),
            FacilitatorConduct.AnswersTwice => After(http, act, said => (200, [.. said, .. said])),
            FacilitatorConduct.RepeatsSuccess => Repeat(http, act, body),
            FacilitatorConduct.LiesAboutAmount => After(http, act, said => (200, Changed(said, "amount", "1"))),
            FacilitatorConduct.LiesAboutPayer => After(http, act, said => (200, Changed(said, "payer", $"0x{new string('1', 40)}"))),
            FacilitatorConduct.LiesAboutNetwork => After(http, act, said => (200, Changed(said, "network", "eip155:1"))),
            FacilitatorConduct.LiesAboutSuccess => Say(http, 200, Claim(path, body)),
            FacilitatorConduct.HugeBody => After(http, act, _ => (200, new byte[HugeBytes])),
            FacilitatorConduct.NotJson => After(http, act, _ => (200, "<html>all is well</html>"u8.ToArray())),
            FacilitatorConduct.Refuses => Say(http, 200, Refusal(path)),
            FacilitatorConduct.StaysOpen => Say(http, 200, Open),
            FacilitatorConduct.ServerError => Say(http, 500, []),
            _ => throw new System.Diagnostics.UnreachableException($"{conduct}"),
        });
    }

    private async Task Silent(HttpContext http, RequestDelegate act)
    {
        await Acted(http, act);
        var gone = new TaskCompletionSource();
        await using var registration = http.RequestAborted.Register(gone.SetResult);
        await _silent.Writer.WriteAsync(http.Request.Path);
        await Task.WhenAny(gone.Task, _released.Task);
        http.Abort();
    }

    private async Task Slow(HttpContext http, RequestDelegate act)
    {
        await _silent.Writer.WriteAsync(http.Request.Path);
        await _released.Task;
        await act(http);
    }

    private async Task Close(HttpContext http, RequestDelegate? act)
    {
        if (act is not null)
        {
            await Acted(http, act);
        }

        http.Abort();
    }

    private async Task Repeat(HttpContext http, RequestDelegate act, string body)
    {
        var said = await Acted(http, act);
        var success = JsonNode.Parse(said)!["success"]?.GetValue<bool>() == true;
        await Say(http, 200, success ? _settled.GetOrAdd(body, said) : _settled.GetValueOrDefault(body, said));
    }

    private static async Task After(HttpContext http, RequestDelegate act, Func<byte[], (int Status, byte[] Body)> answer)
    {
        var (status, body) = answer(await Acted(http, act));
        await Say(http, status, body);
    }

    /// <summary>Does what was asked, and keeps the answer back.</summary>
    private static async Task<byte[]> Acted(HttpContext http, RequestDelegate act)
    {
        var real = http.Response.Body;
        using var kept = new MemoryStream();
        http.Response.Body = kept;
        await act(http);
        http.Response.Body = real;
        return kept.ToArray();
    }

    private static async Task Say(HttpContext http, int status, byte[] body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body);
    }

    private static byte[] Changed(byte[] said, string name, string value)
    {
        var answer = JsonNode.Parse(said)!.AsObject();
        answer[name] = value;
        return Encoding.UTF8.GetBytes(answer.ToJsonString());
    }

    private static byte[] Claim(string path, string body)
    {
        var asked = JsonNode.Parse(body)!;
        var payer = (string?)asked["paymentPayload"]!["payload"]!["authorization"]!["from"];
        var network = (string?)asked["paymentRequirements"]!["network"];
        JsonObject claim = path == "/verify" ? new() { ["isValid"] = true, ["payer"] = payer }
            : new() { ["success"] = true, ["payer"] = payer, ["network"] = network, ["transaction"] = $"0x{new string('a', 64)}" };
        return Encoding.UTF8.GetBytes(claim.ToJsonString());
    }

    private static byte[] Open => """{"success":false,"errorReason":"settlement_pending","transaction":"","network":"eip155:84532"}"""u8.ToArray();

    private static byte[] Refusal(string path) => path == "/verify"
        ? """{"isValid":false,"invalidReason":"invalid_exact_evm_insufficient_balance"}"""u8.ToArray()
        : """{"success":false,"errorReason":"invalid_exact_evm_insufficient_balance","transaction":"","network":"eip155:84532"}"""u8.ToArray();
}
