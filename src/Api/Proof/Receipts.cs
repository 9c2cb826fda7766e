using System.Globalization;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Journal;
using Agora.Proof.Receipts;

namespace Agora.Api.Proof;

/// <summary>Finds payments, and signs for them.</summary>
internal sealed class Receipts(TableReader tables, ReceiptBook book)
{
    public static readonly Rejection NoKey = new(Codes.Unavailable, "There is no key to sign with yet; try again later.", RetryAfterSeconds: 5, Retry: true);

    /// <returns>The row of a run that was paid; null: there is none.</returns>
    public Task<NamedRow?> Paid(Tenant tenant, CancellationToken cancel, params IEnumerable<Condition> where) =>
        tables.In(tenant).One(RunTables.Runs, cancel, [.. where, TableReader.IsPaid]);

    /// <returns>Null: there is no key.</returns>
    public Task<Receipt?> Of(NamedRow row, CancellationToken cancel) => book.Make(
        new(row.Stream, row.Seq, Guid.Parse(row.Text("run_id"), CultureInfo.InvariantCulture), row.Text("agent_id"), row.Text("user_id")), cancel);
}

/// <param name="AmountMicros">Micro-dollars, as the receipt itself has them: 10,000 are a cent.</param>
internal sealed record ReceiptData(string PaymentId, string RunId, string Receipt, Cents AmountCents, long AmountMicros)
{
    public const string Example = """{"payment_id":"0198c0de-0000-7000-8000-000000000001","run_id":"0198c0de-0000-7000-8000-000000000000","receipt":"eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl","amount_cents":25,"amount_micros":250000}""";

    public static ReceiptData Of(Receipt receipt) => new(receipt.Claims.Jti, receipt.Claims.RunId, receipt.Token, new(receipt.Claims.AmountMicros), receipt.Claims.AmountMicros);
}
