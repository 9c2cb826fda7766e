using System.Text.Json;
using System.Text.Json.Serialization;
using Agora.Application.Reading;
using Agora.Application.Runs;
using Agora.Application.Values;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Web;

namespace Agora.Api.Runs;

/// <param name="Failure">Why the run failed. A failed run costs nothing, except a call of a model, which costs what its provider counted.</param>
/// <param name="Approval">Of a run that waits for the user's approval.</param>
/// <param name="ServedBy">Of a service that is a skill: the agent that did it; absent: it is none.</param>
/// <param name="Model">Of a model's call: what was counted, and by which prices; absent: it was none, or failed.</param>
/// <param name="CachedFrom">The run whose output is the answer, where no service was called; absent: it was.</param>
/// <param name="BudgetWarnings">Caps of which 80 % or more were spent or held when this run held its price; absent: none, or it is not known any more.</param>
internal sealed record RunData(
    string RunId, string ServiceId, string State, RawJson? Output, PaymentData? Payment, BudgetData Budget, FailureData? Failure, ApprovalWaitData? Approval,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<BudgetWarningData>? BudgetWarnings = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ServedBy = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CachedFrom = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RunModelData? Model = null) : IWrittenData, IHasState
{
    public static RunData Of(RunView run) => new(
        run.RunId.ToString(),
        run.ServiceId,
        RunStates.Name(run.State),
        RawJson.Of(run.Output),
        run.Payment is { } payment ? PaymentData.Of(payment) : null,
        BudgetData.Of(run.Budget),
        run.Failure is { } failure ? new(failure.Code, Refusals.RetryOf(failure).Name()) : null,
        ApprovalWaitData.Of(run),
        run.Near is { Count: > 0 } near ? [.. near.Select(BudgetWarningData.Of)] : null,
        run.ServedBy,
        run.Cached?.From.ToString());

    public static RunData Of(RunTaken.Begun begun) =>
        new(begun.RunId.ToString(), begun.ServiceId, RunStates.Name(RunState.Pending), null, null, BudgetData.Of(begun.Budget), null, null);

    public static RunData Of(RunTaken.Over over)
    {
        var (row, end) = (over.Row, over.Run.End);
        var concluded = end as RunEvent.Concluded;
        var (posted, failed) = concluded is { Posted: true } ? (concluded, null) : ((RunEvent.Concluded?)null, concluded);
        return new(
            row.Text("run_id"),
            row.Text("service_id"),
            row.Text("state"),
            RawJson.Of(posted?.Output),
            PaymentData.Of(row, over.Run.RefundedMicros),
            BudgetData.Of(over.Budget),
            row.OptionalText("failure_code") is { } code ? new(code, (end?.Refusal() is { } refusal ? Refusals.RetryOf(refusal) : RetryWith.NewKey).Name(), failed?.Output?.Read<string>()) : null,
            null,
            ServedBy: posted?.ServedBy,
            CachedFrom: posted?.Cached?.From.ToString(),
            Model: posted?.Model is { } model ? RunModelData.Of(model) : null);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("run_id", RunId);
        writer.WriteString("service_id", ServiceId);
        writer.WriteString("state", State);
        writer.Write("output", Output);
        writer.Write("payment", Payment);
        writer.Write("budget", Budget);
        writer.Write("failure", Failure);
        writer.Write("approval", Approval);
        WriteWarnings(writer);
        if (ServedBy is not null)
        {
            writer.WriteString("served_by", ServedBy);
        }

        if (CachedFrom is not null)
        {
            writer.WriteString("cached_from", CachedFrom);
        }

        if (Model is not null)
        {
            writer.Write("model", Model);
        }

        writer.WriteEndObject();
    }

    private void WriteWarnings(Utf8JsonWriter writer)
    {
        if (BudgetWarnings is null) return;

        writer.WriteStartArray("budget_warnings");
        foreach (var warning in BudgetWarnings)
        {
            warning.Write(writer);
        }

        writer.WriteEndArray();
    }
}

/// <param name="Limit">session, grant_total, daily_cap, monthly_cap, or of a service or category service_daily_cap, service_monthly_cap, category_daily_cap, category_monthly_cap.</param>
/// <param name="Id">Whose: the session, the grant's agent, the user, the service or the category.</param>
/// <param name="RemainingCents">Beyond what this run held.</param>
internal sealed record BudgetWarningData(string Limit, string Id, Cents LimitCents, Cents RemainingCents) : IWrittenData
{
    public static BudgetWarningData Of(NearLimit near) => new(near.Limit, near.Id, new(near.LimitMicros), new(near.RemainingMicros));

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("limit", Limit);
        writer.WriteString("id", Id);
        writer.Write("limit_cents", LimitCents);
        writer.Write("remaining_cents", RemainingCents);
        writer.WriteEndObject();
    }
}

/// <summary>How long it waits. Not how it is approved: that is not the agent's to do.</summary>
internal sealed record ApprovalWaitData(DateTimeOffset ExpiresAt) : IWrittenData
{
    public static ApprovalWaitData? Of(RunView run) => run.ApprovalUntil is { } until ? new(until) : null;

    public void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, ApiJson.Options);
}

/// <param name="Retry">As the refusal of the run says it where its caller has waited for it.</param>
/// <param name="Said">The tool's own words about the failure: untrusted text. Absent if there are none or they were erased.</param>
internal sealed record FailureData(string Code, string Retry, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Said = null) : IWrittenData
{
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("code", Code);
        writer.WriteString("retry", Retry);
        if (Said is not null)
        {
            writer.WriteString("said", Said);
        }

        writer.WriteEndObject();
    }
}

/// <param name="FeeCents">Of the amount, what the platform keeps; the rest is the provider's.</param>
/// <param name="RefundedCents">Of the amount, what was given back.</param>
internal sealed record PaymentData(string PaymentId, Cents AmountCents, Cents FeeCents, Cents RefundedCents, string Payer, string Source, string Status, PaidByData PaidBy, string Why, bool RelatedParty) : IWrittenData
{
    public static PaymentData Of(Payment payment) => new(
        payment.PaymentId.ToString(),
        new(payment.AmountMicros),
        new(payment.FeeMicros),
        new(0),
        payment.Payer,
        payment.Source,
        payment.Status,
        new(payment.PayerKind, payment.PayerId.Length == 0 ? null : payment.PayerId),
        payment.Why,
        payment.RelatedParty);

    /// <summary>Null if the run has no payment: a failed run has one only if it called a model.</summary>
    public static PaymentData? Of(NamedRow row, long refundedMicros) => row.OptionalText("payment_id") is not { } paymentId ? null : new(
        paymentId,
        new(row.Number("amount_micros")),
        new(row.Number("fee_micros")),
        new(refundedMicros),
        row.OptionalText("payer") ?? "",
        row.OptionalText("source") ?? "",
        PaymentStatus.Of(row.OptionalText("status") ?? "", row.Number("amount_micros"), refundedMicros),
        PaidByData.Of(row),
        row.OptionalText("why") ?? "",
        row.OptionalNumber("related_party") == 1);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("payment_id", PaymentId);
        writer.Write("amount_cents", AmountCents);
        writer.Write("fee_cents", FeeCents);
        writer.Write("refunded_cents", RefundedCents);
        writer.WriteString("payer", Payer);
        writer.WriteString("source", Source);
        writer.WriteString("status", Status);
        writer.Write("paid_by", PaidBy);
        writer.WriteString("why", Why);
        writer.WriteBoolean("related_party", RelatedParty);
        writer.WriteEndObject();
    }
}

internal sealed record PaidByData(string Kind, string? Id) : IWrittenData
{
    public static PaidByData Of(NamedRow row) => row.OptionalText("payer_id") is not { Length: > 0 } id
        ? new(PayerKinds.Nobody, null)
        : new(row.OptionalText("campaign_id") is null ? PayerKinds.Wallet : PayerKinds.Campaign, id);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", Kind);
        writer.WriteString("id", Id);
        writer.WriteEndObject();
    }
}

internal sealed record RunsData(IReadOnlyList<RunSummaryData> Runs, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);
