using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Api.Refunds;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Sessions;

namespace Agora.Api.Admin.Refunds;

/// <summary>Payments of runs and transfers, and what is given back of them.</summary>
internal sealed class PaymentAdminEndpoints(IEntities entities, TableReader tables, IPersonalTexts texts, IJournalReader journal)
{
    public static readonly Operation List = new("list_payments", "GET", "/admin/payments", "List payments of runs", typeof(PaymentsData))
    {
        Query = ["offset", "limit"],
        DataExample = $$"""{"payments":[{{PaymentRowData.Example}}],"total_count":1,"offset":0,"limit":50}""",
    };

    public static readonly Operation Get = new("get_payment", "GET", "/admin/payments/{payment_id}", "A payment and what was given back of it", typeof(RefundedPaymentData))
    {
        Codes = [Codes.NotFound],
        DataExample = RefundedPaymentData.Example,
    };

    public static readonly Operation Refund = new("refund_payment", "POST", "/admin/payments/{payment_id}/refund", "Give a payment back to whoever paid it, in whole or in part", typeof(RefundDoneData))
    {
        Body = Takes.Members,
        RequiresKey = true,
        BodySchema = RefundRequest.Schema,
        Codes = [.. AdminFlow.Mutation, Codes.PaymentRequired, Codes.DuplicateRequest],
        BodyExample = """{"amount_cents":10,"reason":"The output was unusable"}""",
        DataExample = RefundDoneData.Example,
    };

    private static readonly Rejection NotFound = new(Codes.NotFound, "There is no such payment.");

    public async Task<Reply> ListPayments(OperatorCall call)
    {
        var page = call.Query.Page();
        call.Query.Finish();
        if (call.Findings.Refusal is not null) return Reply.Invalid(call.Findings);

        var cancel = call.Http.RequestAborted;
        var (rows, total) = await tables.Page(SessionTables.Runs, page, [new("run_id")], cancel, TableReader.Is("state", "succeeded"));
        var payments = await Task.WhenAll(rows.Select(row => Of(row, cancel)));
        return Reply.Ok(new PaymentsData(payments, total, page.Offset, page.Limit));
    }

    public async Task<Reply> GetPayment(OperatorCall call)
    {
        var paymentId = call.PathId("payment_id");
        call.Query.Finish();
        if (call.Findings.Refusal is not null) return Reply.Invalid(call.Findings);

        var cancel = call.Http.RequestAborted;
        if (await Find(paymentId, cancel) is not { } row) return Reply.Refused(NotFound);

        var (refunds, count) = await tables.Page(
            RefundTables.Refunds, new Page(0, Limits.PageMax), [new("created_at", Descending: true)], cancel, TableReader.Is("payment_id", paymentId));
        var shown = new List<RefundData>();
        foreach (var refund in refunds.Select(RefundData.Of)) shown.Add(refund with { Reason = await texts.Open(refund.Reason, cancel) });
        return Reply.Ok(new RefundedPaymentData(await Of(row, cancel), new(row.Number("fee_micros")), shown, count));
    }

    public async Task<Reply> RefundPayment(OperatorCall call)
    {
        var paymentId = call.PathId("payment_id");
        var request = RefundRequest.Read(call.Body);
        if (call.Findings.Refusal is not null) return Reply.Invalid(call.Findings);

        var cancel = call.Http.RequestAborted;
        if (await Find(paymentId, cancel) is not { } row || await Facts(row, cancel) is not { } payment) return Reply.Refused(NotFound);

        var reason = await call.SaidOf(payment.UserId, request.Reason, texts);
        return await call.Send<RefundCommand, RefundView>(
            entities.Payment(paymentId),
            new RefundCommand.Refund(payment, request.AmountMicros, reason, call.Context.Actor!),
            async (view, _) => Reply.Ok(RefundDoneData.Of(view, await texts.Open(view.Reason, cancel))));
    }

    private Task<NamedRow?> Find(string paymentId, CancellationToken cancel) => tables.One(SessionTables.Runs, cancel, TableReader.Is("payment_id", paymentId));

    private async Task<PaymentRowData> Of(NamedRow row, CancellationToken cancel) => PaymentRowData.Of(row, await Refunded.Of(tables, row, cancel));

    /// <summary>A table row only says where to look: what a refund rests on is the event that decided the run.</summary>
    private async Task<PaymentFacts?> Facts(NamedRow row, CancellationToken cancel)
    {
        var (sessionId, runId) = (row.Text("session_id"), Guid.Parse(row.Text("run_id")));
        return await journal.Run(sessionId, runId, cancel) is { Payment: { } payment } run
            ? new(
                payment.PaymentId.ToString("D"), sessionId, runId, row.Text("user_id"), row.Text("agent_id"), payment.PayerKind, payment.PayerId, run.Run.Provider, payment.AmountMicros,
                payment.FeeMicros, payment.Nodes)
            : null;
    }
}

/// <summary>Body of POST /admin/payments/{payment_id}/refund.</summary>
/// <param name="AmountMicros">Null: all that is left.</param>
internal sealed record RefundRequest(long? AmountMicros, string Reason)
{
    public static JsonObject Schema => BodySchemas.Closed(
        ["reason"], new() { ["amount_cents"] = BodySchemas.Cents("What goes back; absent: all that is left."), ["reason"] = BodySchemas.Text(Limits.ReasonLength) });

    public static RefundRequest Read(Fields body)
    {
        var amount = body.Cents("amount_cents", required: false);
        if (amount == 0)
        {
            body.Violate("amount_cents", "exclusiveMinimum", "The amount is more than 0.");
        }

        if (body.Any("amount_cents", required: false) is { ValueKind: JsonValueKind.Null })
        {
            body.Violate("amount_cents", "type", "An amount is a number of cents; leave it out to give back all that is left."); // an amount that got lost must not mean all
        }

        var request = new RefundRequest(amount, body.Text("reason", Limits.ReasonLength) ?? "");
        body.Finish();
        return request;
    }
}
