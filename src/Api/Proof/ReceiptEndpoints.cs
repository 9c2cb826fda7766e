using System.Globalization;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Journal;
using Agora.Proof.Receipts;

namespace Agora.Api.Proof;

/// <summary>Receipts of payments: an agent's own, and any for operators.</summary>
internal sealed class ReceiptEndpoints(Guide guide, TableReader tables, ReceiptBook receipts)
{
    public static readonly Operation OfRun = new("get_receipt", "GET", "/agent/runs/{run_id}/receipt", "The signed receipt of a run of this session that was paid", typeof(ReceiptData))
    {
        Codes = [Codes.NotFound],
        DataExample = Example,
    };

    public static readonly Operation OfPayment = new("get_payment_receipt", "GET", "/admin/payments/{payment_id}/receipt", "The signed receipt of a payment", typeof(ReceiptData))
    {
        Codes = [Codes.NotFound],
        DataExample = Example,
    };

    private const string Example = """{"payment_id":"0198c0de-0000-7000-8000-000000000001","run_id":"0198c0de-0000-7000-8000-000000000000","receipt":"eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"}""";

    public static readonly Rejection NotFound = new(Codes.NotFound, "There is no such payment.");
    private static readonly Rejection NotPaid = new(Codes.NotFound, "This session has no such run that was paid.");
    private static readonly Rejection NoKey = new(Codes.Unavailable, "There is no key to sign with yet; try again later.", RetryAfterSeconds: 5, Retry: true);

    public async Task<Reply> GetRunReceipt(AgentCall call)
    {
        var id = call.PathId("run_id");
        call.Query.Finish();
        var row = id is null ? null : await tables.One(
            SessionTables.Runs, call.Http.RequestAborted, TableReader.Is("run_id", id), TableReader.Is("session_id", call.SessionId), Paid);
        return await guide.Visit(
            call,
            async flow => await Receipt(row!.Value, call.Http.RequestAborted) is { } receipt
                ? Reply.Ok(ReceiptData.Of(receipt)) with { NextActions = (await guide.Advance(flow)).Actions }
                : Reply.Refused(NoKey),
            row is null ? NotPaid : null);
    }

    public async Task<Reply> GetPaymentReceipt(OperatorCall call)
    {
        var (refused, receipt) = await Find(call);
        return refused ?? Reply.Ok(ReceiptData.Of(receipt!));
    }

    /// <summary>The receipt of the payment that an operator's route names, or why there is none.</summary>
    public async Task<(Reply? Refused, Receipt? Receipt)> Find(OperatorCall call)
    {
        var id = call.PathId("payment_id");
        call.Query.Finish();
        if (call.Findings.Refusal is not null) return (Reply.Invalid(call.Findings), null);
        if (await tables.One(SessionTables.Runs, call.Http.RequestAborted, TableReader.Is("payment_id", id), Paid) is not { } row) return (Reply.Refused(NotFound), null);
        return await Receipt(row, call.Http.RequestAborted) is { } receipt ? (null, receipt) : (Reply.Refused(NoKey), null);
    }

    private static Condition Paid => TableReader.Is("state", "succeeded");

    private Task<Receipt?> Receipt(NamedRow row, CancellationToken cancel) => receipts.Make(
        new(row.Stream, row.Seq, Guid.Parse(row.Text("run_id"), CultureInfo.InvariantCulture), row.Text("agent_id"), row.Text("user_id")), cancel);
}

internal sealed record ReceiptData(string PaymentId, string RunId, string Receipt)
{
    public static ReceiptData Of(Receipt receipt) => new(receipt.Claims.Jti, receipt.Claims.RunId, receipt.Token);
}
