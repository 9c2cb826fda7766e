using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Core.Payments;

namespace Agora.Web;

/// <summary>
/// Where a refusal holds what a sponsor, a provider or a facilitator wrote. A violation of a third party's JSON Schema names that schema's members,
/// values and patterns, in <c>message</c> as in <c>path</c>: without a mark an agent would read them as ours.
/// </summary>
internal static class ForeignText
{
    private static readonly string[] OfViolations = ["error.details[].message", "error.details[].path"];
    private static readonly string[] OfScope = [$"error.details.{Fact.OutOfScope}"];
    private static readonly string[] OfFailure = [$"error.details.{Fact.Said}"];
    private static readonly string[] OfPayment = [$"error.details.{PaymentRejection.ErrorFact}"];

    /// <param name="heldAgainst">JSON Pointer of the body's member that a third party's schema is held against; null: none is.</param>
    public static IReadOnlyList<string> In(Rejection refusal, string? heldAgainst) => refusal switch
    {
        { Code: Codes.ValidationFailed, Details: { } details } => heldAgainst is not null && details.Any(d => d.Path.StartsWith(heldAgainst, StringComparison.Ordinal) && !(d.Path == heldAgainst && d.Message == Fields.IsRequired)) ? OfViolations : [],
        { Code: Codes.ScopeViolation, Facts: { } facts } => facts.Any(f => f.Name == Fact.OutOfScope) ? OfScope : [],
        { Facts: { } facts } when facts.Any(f => f.Name == Fact.Said) => OfFailure,
        { Facts: { } facts } => facts.Any(f => f.Name == PaymentRejection.ErrorFact) ? OfPayment : [],
        _ => [],
    };
}
