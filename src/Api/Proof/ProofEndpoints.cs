using System.Buffers.Text;
using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Proof;
using Agora.Proof.Checkpoints;
using Agora.Proof.Receipts;

namespace Agora.Api.Proof;

/// <summary>Proofs that whoever holds the public keys can check without us, and the checkpoints that they rest on.</summary>
internal sealed class ProofEndpoints(ReceiptEndpoints receipts, InclusionProofs proofs, ICheckpoints checkpoints, ProofOptions options)
{
    public static readonly Operation Get = new("get_proof", "GET", "/admin/proof/{payment_id}", "A payment's receipt, and its row's path to a signed checkpoint", typeof(ProofData))
    {
        Codes = [Codes.NotFound],
        DataExample = """{"payment_id":"0198c0de-0000-7000-8000-000000000001","receipt":"eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl","row":{"stream":"default/session/0198c0de","seq":7,"hash":"5xzFX2BOFvjy2BXPVTJtRvXhfHvBGQ6yYyMlOtpHzvc"},"leaf_index":0,"tree_size":2,"path":["lqKW0iTyhcZ77pPDD4owkVfwNdT1bXGMcVxjRD2QYB8"],"checkpoint":"eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"}""",
    };

    public static readonly Operation List = new("list_checkpoints", "GET", "/admin/checkpoints", "List the signed checkpoints, by number", typeof(CheckpointsData))
    {
        Query = ["offset", "limit"],
        DataExample = """{"checkpoints":[{"number":1,"size":2,"at":"2030-01-01T00:01:00Z","checkpoint":"eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"}],"total_count":1,"offset":0,"limit":50}""",
    };

    public async Task<Reply> GetProof(OperatorCall call)
    {
        var (refused, receipt) = await receipts.Find(call);
        if (refused is not null) return refused;
        var row = receipt!.Claims.Row;
        return await proofs.Of(row.Stream, row.Seq, call.Http.RequestAborted) is { } proof ? Reply.Ok(ProofData.Of(receipt, proof)) : Reply.Refused(NotCovered());
    }

    public async Task<Reply> ListCheckpoints(OperatorCall call)
    {
        var page = call.Query.Page();
        call.Query.Finish();
        if (call.Findings.Refusal is not null) return Reply.Invalid(call.Findings);
        // Numbers have no gaps, so the last one is how many there are, and an offset is a number.
        var total = (await checkpoints.LastCheckpoint(call.Http.RequestAborted))?.Number ?? 0;
        var listed = await checkpoints.Checkpoints(page.Offset, page.Limit, call.Http.RequestAborted);
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
