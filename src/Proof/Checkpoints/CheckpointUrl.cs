using System.Globalization;
using System.Text.Json;
using Agora.Journal;
using Agora.Outbound;

namespace Agora.Proof.Checkpoints;

/// <summary>A URL that each checkpoint is posted to, through the outbound guard, with an Idempotency-Key; any 2xx says that it was taken.</summary>
public sealed class CheckpointUrl(IOutbound outbound, Uri url) : ICheckpointSink
{
    private const string Breaker = "agora/checkpoints";

    public async Task Take(Checkpoint checkpoint, CancellationToken cancel)
    {
        var call = new OutboundCall
        {
            ServiceId = Breaker,
            Endpoint = url,
            Body = JsonSerializer.SerializeToUtf8Bytes(new Told(checkpoint.Number, checkpoint.Token), ProofJson.Options),
            IdempotencyKey = $"checkpoint-{checkpoint.Number.ToString(CultureInfo.InvariantCulture)}",
        };
        if (await outbound.Call(call, cancel) is OutboundResult.Failed failed)
        {
            throw new CheckpointSinkException($"{url.Host} did not take checkpoint {checkpoint.Number}: {failed.Kind} {failed.Status}");
        }
    }

    private sealed record Told(long Number, string Checkpoint);
}
