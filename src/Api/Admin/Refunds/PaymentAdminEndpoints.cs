using Agora.Api.Admin.Runs;
using Agora.Api.Refunds;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Refunds;

/// <summary>Payments of runs and transfers, and what is given back of them.</summary>
internal sealed class PaymentAdminEndpoints(TableReader tables, OperatorLists lists, RunTotals sums, IPersonalTexts texts, Payments payments) : IFeature
{
    public static readonly Operation<ListRequest> List = new(Audience.Operators, "list_payments", "GET /admin/payments", "Payments of runs and transfers, newest first")
    {
        ListsIds = ["payment_id"],
        Owners = Roles.Owners,
        Read = static call => ListRequest.Read(call, static filters => RunFilters.Read(filters), hasOffset: true, hasTotals: true),
        IsList = true,
        Data = typeof(PaymentsData),
        DataExample = $$"""{"payments":[{{PaymentRowData.Example}}],"offset":0,"total_count":1,"total_count_unknown":null,"limit":50,"has_more":false,"next_cursor":null,"empty_because":null,"totals":{{TotalsData.Example}},"totals_unknown":null}""",
    };

    public static readonly Operation<string> Get = new(Audience.Operators, "get_payment", "GET /admin/payments/{payment_id}", "A payment and what was given back of it")
    {
        Owners = Role.User,
        Read = static call => call.Id("payment_id"),
        Data = typeof(RefundedPaymentData),
        Codes = [Codes.NotFound],
        DataExample = RefundedPaymentData.Example,
    };

    public static readonly Operation<RefundRequest> Refund = new(Audience.Operators, "refund_payment", "POST /admin/payments/{payment_id}/refund", "Give a payment back to whoever paid it, in whole or in part")
    {
        Read = RefundRequest.Read,
        Data = typeof(RefundDoneData),
        RequiresKey = true,
        Codes = [.. AdminFlow.Mutation, Codes.PaymentRequired, Codes.DuplicateRequest],
        BodyExample = """{"amount_cents":10,"reason":"The output was unusable"}""",
        DataExample = RefundDoneData.Example,
    };

    private static readonly ListSource<PaymentRowData> Paid = new(RunFilters.Rows, Shown, ListReasons.NoPayments)
    {
        Always = [TableReader.IsPaid],
    };

    private static readonly Rejection NotFound = new(Codes.NotFound, "There is no such payment.");

    public void Map(Routes routes) => routes.Map(List, ListPayments).Map(Get, GetPayment).Map(Refund, RefundPayment);

    private async Task<Reply> ListPayments(OperatorCall call, ListRequest asked)
    {
        var totals = await sums.Of(call, asked);
        return await lists.Answer(call, List, asked, Paid, shown => new PaymentsData(shown, asked.Offset ?? 0) { Totals = totals.Data, TotalsUnknown = totals.Unknown });
    }

    private static async Task<IReadOnlyList<PaymentRowData>> Shown(TenantTables tables, IReadOnlyList<NamedRow> rows, CancellationToken cancel)
    {
        var refunded = await Refunded.Of(tables, rows, cancel);
        return [.. rows.Select(row => PaymentRowData.Of(row, refunded.GetValueOrDefault(row.Text("payment_id"))))];
    }

    private async Task<Reply> GetPayment(OperatorCall call, string paymentId)
    {
        var cancel = call.Cancel;
        if (await Find(call.Tenant, paymentId, cancel) is not { } row) return Reply.Refused(NotFound);

        var (refunds, count) = await tables.In(call.Tenant).Page(
            RefundTables.Refunds, new Page(0, Limits.PageMax), [new("created_at", Descending: true)], cancel, TableReader.Is("payment_id", paymentId));
        var shown = new List<RefundData>();
        foreach (var refund in refunds.Select(RefundData.Of)) shown.Add(refund with { Reason = await texts.Open(call.Tenant, refund.Reason, cancel) });
        return Reply.Ok(new RefundedPaymentData(await Of(call.Tenant, row, cancel), new(row.Number("fee_micros")), shown, count.Number, RunLinks.OfPayment(row, await Links.ToAgent(tables.In(call.Tenant), row.Text("agent_id"), cancel))));
    }

    private async Task<Reply> RefundPayment(OperatorCall call, RefundRequest request)
    {
        var cancel = call.Cancel;
        if (await Find(call.Tenant, request.PaymentId, cancel) is not { } row || await payments.Facts(call.Tenant, row, cancel) is not { } payment)
        {
            return Reply.Refused(NotFound);
        }

        return await payments.GiveBack(call, payment, request.Reason, request.AmountMicros);
    }

    private Task<NamedRow?> Find(Tenant tenant, string paymentId, CancellationToken cancel) => tables.In(tenant).One(RunTables.Runs, cancel, TableReader.Is("payment_id", paymentId));

    private async Task<PaymentRowData> Of(Tenant tenant, NamedRow row, CancellationToken cancel) => PaymentRowData.Of(row, await Refunded.Of(tables.In(tenant), row, cancel));
}

/// <summary>A refund that is asked for.</summary>
/// <param name="AmountMicros">Null: all that is left.</param>
internal sealed record RefundRequest(string PaymentId, long? AmountMicros, string Reason)
{
    public static RefundRequest Read(Call call)
    {
        var (id, amount) = (call.Id("payment_id"), call.Body.Amount("amount_cents", "What goes back; absent: all that is left.", required: false));
        if (call.Body.IsNull("amount_cents"))
        {
            call.Body.Violate("amount_cents", "type", "An amount is a number of cents; leave it out to give back all that is left."); // an amount that got lost must not mean all
        }

        return new(id, amount, AdminFlow.Reason(call));
    }
}
