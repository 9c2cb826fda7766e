using Agora.Api.Http;
using Agora.Api.Sessions;
using Agora.Core.Kernel;
using Agora.Core.Sessions;

namespace Agora.Api.Runs;

/// <param name="Failure">Why a run failed; it cost nothing then.</param>
internal sealed record RunData(string RunId, string ServiceId, string State, RawJson? Output, PaymentData? Payment, BudgetData Budget, FailureData? Failure)
{
    public static RunData Of(RunView run) => new(
        run.RunId.ToString(),
        run.ServiceId,
        RunSummaryData.StateName(run.State),
        RawJson.Of(run.Output),
        run.Payment is { } payment ? PaymentData.Of(payment) : null,
        BudgetData.Of(run.Budget),
        run.Failure is { } failure ? new(failure.Code) : null);

    public static RunData Pending(Guid runId, string serviceId, Budget budget) =>
        new(runId.ToString(), serviceId, RunSummaryData.StateName(RunState.Pending), null, null, BudgetData.Of(budget), null);

    public static RunData Of(NamedRow row, Personal? output, Budget budget) => new(
        row.Text("run_id"),
        row.Text("service_id"),
        row.Text("state"),
        RawJson.Of(output),
        PaymentData.Of(row),
        BudgetData.Of(budget),
        row.OptionalText("failure_code") is { } code ? new(code) : null);
}

internal sealed record FailureData(string Code);

internal sealed record PaymentData(string PaymentId, Cents AmountCents, string Payer, string Source, string Status, PaidByData PaidBy, string Why, bool RelatedParty)
{
    public static PaymentData Of(Payment payment) => new(
        payment.PaymentId.ToString(),
        new(payment.AmountMicros),
        payment.Payer,
        payment.Source,
        payment.Status,
        new(payment.PayerKind, payment.PayerId.Length == 0 ? null : payment.PayerId),
        payment.Why,
        payment.RelatedParty);

    /// <summary>A run that failed has no payment.</summary>
    public static PaymentData? Of(NamedRow row) => row.OptionalText("payment_id") is not { } paymentId ? null : new(
        paymentId,
        new(row.Number("amount_micros")),
        row.OptionalText("payer") ?? "",
        row.OptionalText("source") ?? "",
        row.OptionalText("status") ?? "",
        row.OptionalText("campaign_id") is { } campaign ? new("campaign", campaign) : new("none", null),
        row.OptionalText("why") ?? "",
        row.OptionalNumber("related_party") == 1);
}

internal sealed record PaidByData(string Kind, string? Id);

internal sealed record RunsData(IReadOnlyList<RunSummaryData> Runs, long TotalCount, int Offset, int Limit);
