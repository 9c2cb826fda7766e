using System.Globalization;
using Agora.Core.Kernel;
using Agora.Models;
using Agora.Models.Dialects;

namespace Agora.Application.Models;

/// <summary>Refusals of ours, and of providers, as a dialect's own kinds of error. The codes are those of all other routes.</summary>
internal static class DialectFaults
{
    public static DialectFault Of(Rejection refused, string message) => new(
        KindOf(refused.Code),
        refused.Code,
        refused.Details is [{ } first, ..] ? $"{message} {first.Path}: {first.Message}" : message,
        refused.Details is [{ Path: { Length: > 0 } path }, ..] ? path : null,
        [.. (refused.Facts ?? []).Select(static fact => (fact.Name, fact.Raw ? fact.Value : Quoted(fact.Value)))]);

    public static DialectFault Of(ProviderFault fault) => fault.Kind switch
    {
        FaultKind.InvalidRequest => new(DialectErrorKind.InvalidRequest, fault.Code ?? Codes.ValidationFailed, fault.Message, fault.Param),
        FaultKind.ContentFilter => new(DialectErrorKind.InvalidRequest, fault.Code ?? "content_filter", fault.Message, fault.Param),
        FaultKind.TooLarge => new(DialectErrorKind.TooLarge, Codes.PayloadTooLarge, fault.Message, fault.Param),
        FaultKind.RateLimited => new(DialectErrorKind.RateLimited, Codes.RateLimited, fault.Message),
        FaultKind.Overloaded => new(DialectErrorKind.Overloaded, Codes.Unavailable, fault.Message),

        // The key is the operator's, as is the account: what the provider says of them is none of the client's business.
        FaultKind.Unauthorized or FaultKind.OutOfQuota => new(DialectErrorKind.Overloaded, Codes.Unavailable, "The provider does not serve this installation at the moment; its operator is told."),
        FaultKind.NotFound => new(DialectErrorKind.UpstreamFailed, Codes.UpstreamFailed, "The provider does not have the model that the operator named."),
        _ => new(DialectErrorKind.UpstreamFailed, Codes.UpstreamFailed, fault.Message),
    };

    /// <summary>What was asked is wrong: it would be refused again, and by others.</summary>
    public static bool IsOfRequest(ProviderFault fault) => fault.Kind is FaultKind.InvalidRequest or FaultKind.ContentFilter or FaultKind.TooLarge;

    /// <summary>A reply that failed, as a stream of it says it.</summary>
    public static ModelReply Said(ModelReply reply) => reply.Fault is { } fault && Of(fault) is var said ? reply with { Fault = fault with { Code = said.Code, Message = said.Message } } : reply;

    private static DialectErrorKind KindOf(string code) => code switch
    {
        Codes.BudgetExceeded or Codes.PaymentRequired => DialectErrorKind.BudgetExceeded,
        Codes.UpstreamTimeout => DialectErrorKind.Timeout,
        _ => Codes.StatusOf(code) switch
        {
            401 => DialectErrorKind.Unauthenticated,
            403 => DialectErrorKind.Forbidden,
            404 => DialectErrorKind.NotFound,
            409 => DialectErrorKind.Conflict,
            413 => DialectErrorKind.TooLarge,
            429 => DialectErrorKind.RateLimited,
            502 => DialectErrorKind.UpstreamFailed,
            503 => DialectErrorKind.Overloaded,
            >= 500 => DialectErrorKind.Failed,
            _ => DialectErrorKind.InvalidRequest,
        },
    };

    private static string Quoted(string text) => System.Text.Json.JsonEncodedText.Encode(text) is var encoded ? string.Create(CultureInfo.InvariantCulture, $"\"{encoded}\"") : "";
}
