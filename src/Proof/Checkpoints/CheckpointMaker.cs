using System.Buffers.Text;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Proof.Keys;

namespace Agora.Proof.Checkpoints;

/// <summary>
/// Makes the next checkpoint: over all rows from the last one to a cut. One without rows is not made: it would say nothing.
/// <para>OneChain: a number is taken once (<see cref="ICheckpoints.AddCheckpoint"/>), so of processes that come to it together one adds its
/// own and the others nothing. What was missed, by however long a standstill, is in the next one. Killed at any point before the store has
/// taken the checkpoint, nothing of it is there; after that, all of it.</para>
/// <para>Bounds: <see cref="RowTiles.PageRows"/> rows are held, and what <see cref="RowTiles"/> keeps.</para>
/// </summary>
public sealed class CheckpointMaker(ICheckpoints store, SigningKeys keys, ProofOptions options, TimeProvider time)
{

    /// <returns>Null when nothing was to be made: no rows, no key yet, or another process was here.</returns>
    public async Task<Checkpoint?> Make(CancellationToken cancel)
    {
        var last = await store.LastCheckpoint(cancel);
        var now = time.GetUtcNow().ToMicros();
        if (last is not null && now - last.AtMicros < (long)options.CheckpointInterval.TotalMicroseconds / 2) return null; // each process has a timer of its own
        var cut = await store.Cut(cancel);
        if (await keys.Load(mayMake: false, cancel) is not { } key) return null;

        var (tiles, end) = (new RowTiles(), last is null ? RowPlace.Start : RowPlace.After(last.UpTo));
        for (var page = RowTiles.PageRows; page == RowTiles.PageRows;)
        {
            var rows = await store.Placed(end, cut, RowTiles.PageRows, cancel);
            foreach (var row in rows) tiles.Add(row);
            if (rows.Count > 0)
            {
                end = rows[^1].Place;
            }

            page = rows.Count;
        }

        if (tiles.Count == 0) return null;
        var (kept, root) = tiles.Finish();
        var at = Math.Max(now, last?.AtMicros ?? 0);
        var claims = new CheckpointClaims(
            options.Issuer, (last?.Number ?? 0) + 1, last is null ? null : CheckpointClaims.HashOf(last.Token), last?.UpTo ?? RowPlace.Start.Position, end.Position,
            tiles.Count, Base64Url.EncodeToString(root), ProofTime.Format(at));
        var checkpoint = new Checkpoint(claims.Number, claims.After, claims.UpTo, claims.Size, at, claims.Sign(key));
        return await store.AddCheckpoint(checkpoint, kept, cancel) ? checkpoint : null;
    }
}
