using System.Buffers.Text;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Proof;
using Agora.Proof.Checkpoints;
using Agora.Proof.Receipts;
using Agora.Web;

namespace Agora.Api.Proof;

/// <summary>Receipts of any payment, proofs that whoever holds the public keys can check without us, and the checkpoints that they rest on.</summary>
internal sealed class ProofEndpoints(Receipts receipts, InclusionProofs proofs, ICheckpoints checkpoints, ProofOptions options) : IFeature
{
    public static readonly Operation<string> Receipt = new(Audience.Operators, "get_payment_receipt", "GET /admin/payments/{payment_id}/receipt", "The signed receipt of a payment")
    {
        Owners = Role.User,
        Read = static call => call.Id("payment_id"),
        Data = typeof(ReceiptData),
        Codes = [Codes.NotFound],
        DataExample = ReceiptData.Example,
    };

    public static readonly Operation<string> Get = new(Audience.Operators, "get_proof", "GET /admin/proof/{payment_id}", "A payment's receipt, and its row's path to a signed checkpoint")
    {
        Owners = Role.User,
        Read = static call => call.Id("payment_id"),
        Data = typeof(ProofData),
        Codes = [Codes.NotFound],
        DataExample = """{"payment_id":"0198c0de-0000-7000-8000-000000000001","receipt":"eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl","row":{"stream":"default/session/0198c0de","seq":7,"hash":"5xzFX2BOFvjy2BXPVTJtRvXhfHvBGQ6yYyMlOtpHzvc"},"leaf_index":0,"tree_size":2,"path":["lqKW0iTyhcZ77pPDD4owkVfwNdT1bXGMcVxjRD2QYB8"],"checkpoint":"eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"}""",
    };

    public static readonly Operation<Page> List = new(Audience.Operators, "list_checkpoints", "GET /admin/checkpoints", "List the signed checkpoints, by number")
    {
        OfInstallation = true,
        Read = static call => call.Query.Page(),
        Data = typeof(CheckpointsData),
        DataExample = """{"checkpoints":[{"number":1,"size":2,"at":"2030-01-01T00:01:00.000000Z","checkpoint":"eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"}],"total_count":1,"offset":0,"limit":50}""",
    };

    private static readonly Rejection NotFound = new(Codes.NotFound, "There is no such payment.");

    public void Map(Routes routes) => routes.Map(Receipt, GetReceipt).Map(Get, GetProof).Map(List, ListCheckpoints);

    private Task<Reply> GetReceipt(OperatorCall call, string paymentId) => Receipted(call, paymentId, receipt => Task.FromResult(Reply.Ok(ReceiptData.Of(receipt))));

    private Task<Reply> GetProof(OperatorCall call, string paymentId) => Receipted(call, paymentId, async receipt =>
        await proofs.Of(receipt.Claims.Row.Stream, receipt.Claims.Row.Seq, call.Cancel) is { } proof ? Reply.Ok(ProofData.Of(receipt, proof)) : Reply.Refused(NotCovered()));

    private async Task<Reply> Receipted(OperatorCall call, string paymentId, Func<Receipt, Task<Reply>> reply) =>
        await receipts.Paid(call.Tenant, call.Cancel, TableReader.Is("payment_id", paymentId)) is not { } row ? Reply.Refused(NotFound)
        : await receipts.Of(row, call.Cancel) is { } receipt ? await reply(receipt)
        : Reply.Refused(Receipts.NoKey);

    private async Task<Reply> ListCheckpoints(OperatorCall call, Page page)
    {
        // Numbers have no gaps, so the last one is how many there are, and an offset is a number.
        var total = (await checkpoints.LastCheckpoint(call.Cancel))?.Number ?? 0;
        var listed = await checkpoints.Checkpoints(page.Offset, page.Limit, call.Cancel);
        return Reply.Ok(new CheckpointsData([.. listed.Select(CheckpointData.Of)], total, page.Offset, page.Limit));
    }

    // Covered it will be: by the next checkpoint, or, while a transaction that began earlier is open, in whichever database of the server, by a later one.
    private Rejection NotCovered()
    {
        var seconds = (long)Math.Ceiling(options.CheckpointInterval.TotalSeconds);
        return new(Codes.Unavailable, $"No checkpoint covers the payment yet: one is made every {seconds} s.", RetryAfterSeconds: seconds, Retry: true);
    }
}

/// <param name="Path">Hashes in base64url, from the leaf's sibling upwards (RFC 9162 §2.1.3).</param>
internal sealed record ProofData(string PaymentId, string Receipt, ProvedRowData Row, long LeafIndex, long TreeSize, IReadOnlyList<string> Path, string Checkpoint)
{
    public static ProofData Of(Receipt receipt, InclusionProof proof) => new(
        receipt.Claims.Jti,
        receipt.Token,
        new(proof.Row.Place.Stream, proof.Row.Place.Seq, Base64Url.EncodeToString(proof.Row.Hash.Span)),
        proof.Index,
        proof.Checkpoint.Size,
        [.. proof.Path.Select(hash => Base64Url.EncodeToString(hash))],
        proof.Checkpoint.Token);
}

/// <summary>Its hash stands for the row: the body holds other payments of the session, which are nobody's business who is shown this one.</summary>
internal sealed record ProvedRowData(string Stream, long Seq, string Hash);

internal sealed record CheckpointsData(IReadOnlyList<CheckpointData> Checkpoints, long TotalCount, int Offset, int Limit);

internal sealed record CheckpointData(long Number, long Size, DateTimeOffset At, string Checkpoint)
{
    public static CheckpointData Of(Checkpoint checkpoint) => new(checkpoint.Number, checkpoint.Size, Timestamps.FromMicros(checkpoint.AtMicros), checkpoint.Token);
}
