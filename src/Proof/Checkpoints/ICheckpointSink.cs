using Agora.Journal;

namespace Agora.Proof.Checkpoints;

/// <summary>Where checkpoints are kept out of this database's reach: only against such a copy is a tail found that was cut off together with its checkpoints.</summary>
public interface ICheckpointSink
{
    /// <summary>Takes one, in order of their numbers; each at least once, so the same one may come again. Throws <see cref="CheckpointSinkException"/> when it was not taken.</summary>
    Task Take(Checkpoint checkpoint, CancellationToken cancel);
}

/// <summary>The sink did not take a checkpoint; it is offered again.</summary>
public sealed class CheckpointSinkException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Tells the sink what it has not been told; a checkpoint is marked after it was taken, so none is left out, whatever is killed in between.</summary>
public sealed class CheckpointTeller(ICheckpoints store, ICheckpointSink? sink)
{
    private const int Page = 100;

    public async Task Tell(CancellationToken cancel)
    {
        if (sink is null) return; // Whichever is set one day is told all of them, from the first.
        while (await store.UntoldCheckpoints(Page, cancel) is { Count: > 0 } page)
        {
            foreach (var checkpoint in page)
            {
                await sink.Take(checkpoint, cancel);
                await store.MarkTold(checkpoint.Number, cancel);
            }
        }
    }
}
