using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Application.Runs;
using Agora.X402;
using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>What a reply says of a payment by x402 beside the envelope (transports-v2/http.md; version 1 reads the body of a 402).</summary>
/// <param name="Required">How the run can be paid.</param>
/// <param name="Response">How its payment ended.</param>
/// <param name="Version">Of the payment that the request brought.</param>
internal sealed record PaymentHeader(PaymentRequired? Required, PaymentResponse? Response, int Version)
{
    public const string Signature = PaymentBrought.Header;
    public const string XPayment = "X-PAYMENT";

    /// <summary>Of a run, beside how long its caller would wait.</summary>
    public static readonly IReadOnlyList<Member> Parameters =
    [
        Preferences.AsyncParameter,
        new(Signature, static () => Payment("2, which the answer's PAYMENT-RESPONSE follows")),
        new(XPayment, static () => Payment("1, which the answer's X-PAYMENT-RESPONSE follows")),
    ];

    /// <summary>Null if there is nothing to say.</summary>
    public static PaymentHeader? Of(PaymentSaid? said) => said is null ? null : new(said.Required, said.Response, said.Version);

    public void Write(IHeaderDictionary headers)
    {
        if (Required is not null)
        {
            headers["PAYMENT-REQUIRED"] = PaymentWriter.Header(Required);
        }

        if (Response is not null)
        {
            headers[Version == 1 ? "X-PAYMENT-RESPONSE" : "PAYMENT-RESPONSE"] = PaymentWriter.Header(Response, Version);
        }
    }

    /// <summary>Into the open envelope: its own <c>error</c> stays, clients look for the other two.</summary>
    public void WriteVersion1(Utf8JsonWriter writer)
    {
        if (Required is null || PaymentWriter.Version1Body(Required) is not { } body) return;

        using var document = JsonDocument.Parse(body);
        foreach (var member in document.RootElement.EnumerateObject().Where(m => m.Name != "error"))
        {
            member.WriteTo(writer);
        }
    }

    private static JsonObject Payment(string version) => new()
    {
        ["type"] = "string",
        ["contentEncoding"] = "base64",
        ["maxLength"] = X402Limits.HeaderLength,
        ["description"] = $"A payment by x402 of version {version}. A refusal payment_required says in PAYMENT-REQUIRED what to sign, where payments by x402 are taken. The same payment again has its run's outcome again.",
    };
}
