using System.Numerics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Samples.Facilitator;

/// <summary>
/// An x402 facilitator without a chain, for trying payments out: it checks signatures, times and amounts as a real one does, and
/// pretends the rest. No money moves. It can stand alone or in another process, so it reads no settings and no environment.
/// </summary>
public sealed class FacilitatorApp : IAsyncDisposable
{
    private const int MaxBodyBytes = 64 * 1024;
    private static readonly string[] Networks = ["eip155:84532", "eip155:8453"];
    private static readonly string[] Version1Networks = ["base-sepolia", "base"];

    private readonly WebApplication _app;
    private readonly Ledger _ledger;

    private FacilitatorApp(WebApplication app, Ledger ledger, Uri address)
    {
        _app = app;
        _ledger = ledger;
        Address = address;
    }

    /// <summary>Where it really listens, also when it was started on port 0.</summary>
    public Uri Address { get; }

    /// <summary>How often money has moved, as far as it can here.</summary>
    public int Transfers => _ledger.Transfers;

    /// <param name="url">Such as <c>http://127.0.0.1:0</c>; port 0 takes any free port.</param>
    /// <param name="balances">Units of the token by address, in lower case; null: everyone has enough.</param>
    /// <param name="time">Of authorizations; the system's when null.</param>
    /// <param name="around">Runs around each request; for tests of whoever asks.</param>
    public static async Task<FacilitatorApp> Start(
        string url = "http://127.0.0.1:0", IReadOnlyDictionary<string, BigInteger>? balances = null, TimeProvider? time = null,
        Func<HttpContext, RequestDelegate, Task>? around = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url)
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole();
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var ledger = new Ledger(balances);
        if (around is not null)
            app.Use(around);
        Map(app, ledger, time ?? TimeProvider.System);
        await app.StartAsync();
        return new FacilitatorApp(app, ledger, new Uri(app.Urls.First()));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Map(WebApplication app, Ledger ledger, TimeProvider time)
    {
        app.MapGet("/supported", () => Results.Json(Supported));
        app.MapPost("/verify", async http => await Answer(http, request => Verified(request, Verification.Refusal(request, time.GetUtcNow()) ?? ledger.Refusal(request)), reason => new { isValid = false, invalidReason = reason }));
        app.MapPost("/settle", async http => await Answer(http, request => Settled(request, ledger, time.GetUtcNow()), reason => new { success = false, errorReason = reason, transaction = "", network = "" }));
    }

    private static object Verified(PaymentRequest request, string? refusal) => refusal is null
        ? new { isValid = true, payer = request.Transfer.From }
        : new { isValid = false, invalidReason = refusal, payer = request.Transfer.From };

    private static object Settled(PaymentRequest request, Ledger ledger, DateTimeOffset now)
    {
        var (transaction, refusal) = Verification.Refusal(request, now) is { } reason ? (null, reason) : ledger.Move(request);
        return refusal is null
            ? new { success = true, transaction, network = request.Required.Network, payer = request.Transfer.From }
            : new { success = false, errorReason = refusal, transaction = "", network = request.Required.Network, payer = request.Transfer.From };
    }

    private static async Task Answer(HttpContext http, Func<PaymentRequest, object> answer, Func<string, object> refuse)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        try
        {
            await Results.Json(answer(PaymentRequest.Read(body.ToArray()))).ExecuteAsync(http);
        }
        catch (UnreadableException failure)
        {
            await Results.Json(refuse(failure.Message), statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(http);
        }
    }

    private static readonly object Supported = new
    {
        kinds = Networks.Select(network => new { x402Version = 2, scheme = "exact", network })
            .Concat(Version1Networks.Select(network => new { x402Version = 1, scheme = "exact", network })),
        extensions = Array.Empty<string>(),
        signers = new Dictionary<string, string[]>(),
    };
}
