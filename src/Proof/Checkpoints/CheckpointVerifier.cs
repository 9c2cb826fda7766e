using System.Buffers.Text;
using Agora.Crypto;
using Agora.Journal;

namespace Agora.Proof.Checkpoints;

/// <summary>What a verification of checkpoints saw.</summary>
/// <param name="Rows">Under checkpoints; what came after the last one is not counted.</param>
public sealed record CheckpointReport(long Checkpoints, long Rows, long Broken);

/// <summary>
/// Checks that every checkpoint is signed, follows from the one before, and that the rows it covered are there as they were: all of them, in
/// their places, and no other. So rows that were cut off the end of a stream are found, which the streams' own chains cannot. What was cut off together with
/// its checkpoints is found only against a copy of those that is kept elsewhere.
/// <para>A key that was removed is believed no more. What it signed is vouched for by the next checkpoint of a key that is believed, which names the hash of the one before, and so of all before it.</para>
/// </summary>
/// <param name="keys">Which keys a checkpoint may be signed by: whoever verifies decides whom to believe.</param>
/// <param name="newer">Reads them again where one is met that was not there; null: they stay.</param>
/// <param name="pace">Waits for so many rows as were read; null: as fast as it goes.</param>
public sealed class CheckpointVerifier(IJournal journal, IReadOnlyList<Jwk> keys, Action<string> found, Pace? pace = null, Func<CancellationToken, Task<IReadOnlyList<Jwk>>>? newer = null)
{
    private const int Page = 1_000;

    private readonly HashSet<string> _tokens = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unknownKeys = new(StringComparer.Ordinal);
    private readonly List<long> _unvouched = []; // of keys that are not believed, each following from the one before
    private Dictionary<string, Jwk> _keys = ById(keys);
    private long _rows;
    private long _broken;

    /// <param name="copy">Tokens that were kept elsewhere; each must be one of the journal's.</param>
    public async Task<CheckpointReport> Verify(IReadOnlyList<string>? copy, CancellationToken cancel)
    {
        Checkpoint? previous = null;
        while (await journal.Checkpoints(previous?.Number ?? 0, Page, cancel) is { Count: > 0 } page)
        {
            foreach (var checkpoint in page)
            {
                await Check(checkpoint, previous, cancel);
                if (copy is not null)
                {
                    _tokens.Add(checkpoint.Token);
                }

                previous = checkpoint;
            }
        }

        ReportUnvouched();
        for (var line = 0; line < copy?.Count; line++)
        {
            if (!_tokens.Contains(copy[line]))
            {
                Report($"line {line + 1} of the copy is no checkpoint of this journal: it was cut off, or replaced");
            }
        }

        return new(previous?.Number ?? 0, _rows, _broken);
    }

    private async Task Check(Checkpoint checkpoint, Checkpoint? previous, CancellationToken cancel)
    {
        if (CheckpointClaims.ReadUnverified(checkpoint.Token) is not var (keyId, claims))
        {
            ReportUnsigned(checkpoint.Number);
            return;
        }

        var isKnown = await IsKnown(keyId, cancel);
        var isSigned = isKnown && CheckpointClaims.Read(checkpoint.Token, _keys.GetValueOrDefault) is not null;
        if (isKnown && !isSigned)
        {
            ReportUnsigned(checkpoint.Number);
        }

        if ((claims.Number, claims.After, claims.UpTo, claims.Size) != (checkpoint.Number, checkpoint.After, checkpoint.UpTo, checkpoint.Size))
            Report($"checkpoint {checkpoint.Number} is not stored as it was signed");
        if (claims.Number != (previous?.Number ?? 0) + 1 || claims.Previous != (previous is null ? null : CheckpointClaims.HashOf(previous.Token)) || claims.After != (previous?.UpTo ?? RowPlace.Start.Position))
        {
            Report($"checkpoint {checkpoint.Number} does not follow from the one before");
            ReportUnvouched();
        }

        if (isSigned)
        {
            _unvouched.Clear();
        }
        else if (!isKnown)
        {
            _unvouched.Add(checkpoint.Number);
        }

        await CheckRows(claims, cancel);
    }

    private async Task<bool> IsKnown(string keyId, CancellationToken cancel)
    {
        if (!_keys.ContainsKey(keyId) && newer is not null && _unknownKeys.Add(keyId))
        {
            _keys = ById(await newer(cancel));
        }

        return _keys.ContainsKey(keyId);
    }

    private static Dictionary<string, Jwk> ById(IReadOnlyList<Jwk> keys) => keys.ToDictionary(static key => key.KeyId, StringComparer.Ordinal);

    private async Task CheckRows(CheckpointClaims claims, CancellationToken cancel)
    {
        var (tiles, end) = (new RowTiles(), claims.After == RowPlace.Start.Position ? RowPlace.Start : RowPlace.After(claims.After));
        while (await journal.Placed(end, claims.UpTo, RowTiles.PageRows, cancel) is { Count: > 0 } rows)
        {
            foreach (var row in rows) tiles.Add(row);
            end = rows[^1].Place;
            if (pace is not null)
            {
                await pace.Wait(rows.Count, cancel);
            }
        }

        _rows += tiles.Count;
        if (tiles.Count != claims.Size)
        {
            Report($"checkpoint {claims.Number} covers {claims.Size} rows, of which {tiles.Count} are there");
            return;
        }

        var (now, root) = tiles.Finish();
        if (Base64Url.EncodeToString(root) != claims.Root)
        {
            Report($"checkpoint {claims.Number} covers other rows than are there{await Where(claims, now, cancel)}");
        }
    }

    // The stored roots of tiles are signed by nothing but the root they make: they say where to look, not whether.
    private async Task<string> Where(CheckpointClaims claims, IReadOnlyList<CheckpointTile> now, CancellationToken cancel)
    {
        var then = await journal.Tiles(claims.Number, cancel);
        for (var i = 0; i < Math.Min(now.Count, then.Count); i++)
        {
            if (!now[i].Root.Span.SequenceEqual(then[i].Root.Span))
            {
                return $": look at the {RowTiles.TileRows} rows from {then[i].First.Stream} #{then[i].First.Seq} on";
            }
        }

        return "";
    }

    private void ReportUnvouched()
    {
        _unvouched.ForEach(ReportUnsigned);
        _unvouched.Clear();
    }

    private void ReportUnsigned(long number) => Report($"checkpoint {number} is not signed by a key of this journal");

    private void Report(string what)
    {
        _broken++;
        found(what);
    }
}
