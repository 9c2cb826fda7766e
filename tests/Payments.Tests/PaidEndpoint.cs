using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.Grains.Payments;
using Agora.X402;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Payments.Tests;

/// <summary>The smallest seller: one POST that costs five cents, without a journal. It keeps what it read, so that tests can look at it.</summary>
internal sealed class PaidEndpoint : IAsyncDisposable
{
    public const long PriceMicros = 50_000;
    private readonly WebApplication _app;

    private PaidEndpoint(WebApplication app) => _app = app;

    public Uri Url => new(new Uri(_app.Urls.First()), "/paid");

    public Payment? Read { get; private set; }

    public static async Task<PaidEndpoint> Start(IFacilitator facilitator, PaymentTerms terms)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var endpoint = new PaidEndpoint(app);
        app.MapPost("/paid", http => endpoint.Answer(http, facilitator, terms));
        await app.StartAsync();
        return endpoint;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Answer(HttpContext http, IFacilitator facilitator, PaymentTerms terms)
    {
        var resource = new PaidResource(Url.AbsoluteUri, "One summary", "application/json");
        var requirements = terms.For(PriceMicros)!;
        var headers = http.Request.Headers;
        if (!PaymentReader.TryRead([.. headers["PAYMENT-SIGNATURE"]], [.. headers["X-PAYMENT"]], out var payment, out var fault) || payment is null)
        {
            await Refuse(http, new(fault?.Message ?? "Payment required", resource, [requirements]), fault is { IsRead: false } ? 400 : 402);
            return;
        }

        Read = payment;
        if ((PaymentChecks.Place(payment, terms) ?? PaymentChecks.Value(payment, requirements, DateTimeOffset.UtcNow)) is { } refused)
        {
            await Refuse(http, new(refused.Message, resource, [requirements]), Codes.StatusOf(refused.Code));
            return;
        }

        var call = new FacilitatorCall(payment, requirements, resource, payment.IdentityUnder(terms), null);
        if (await facilitator.Verify(call) is not VerifyOutcome.Valid || await facilitator.Settle(call, attemptedBefore: false) is not SettleOutcome.Settled settled)
        {
            await Refuse(http, new("The facilitator refused.", resource, [requirements]), 402);
            return;
        }

        http.Response.Headers[payment.Version == 1 ? "X-PAYMENT-RESPONSE" : "PAYMENT-RESPONSE"] =
            PaymentWriter.Header(new PaymentResponse(true, settled.Transaction!, terms.Network, payment.Authorization.From, payment.Authorization.Value), payment.Version);
        await http.Response.WriteAsync("""{"summary":"hello"}""");
    }

    private static async Task Refuse(HttpContext http, PaymentRequired required, int status)
    {
        http.Response.StatusCode = status;
        // A client of version 2 prefers the header, so a query asks for version 1 alone.
        if (!http.Request.Query.ContainsKey("v1"))
        {
            http.Response.Headers["PAYMENT-REQUIRED"] = PaymentWriter.Header(required);
        }

        await http.Response.Body.WriteAsync(PaymentWriter.Version1Body(required));
    }
}
