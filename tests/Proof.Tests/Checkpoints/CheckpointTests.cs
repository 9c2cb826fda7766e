using Agora.Crypto;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Proof.Checkpoints;
using Agora.Testing;

namespace Agora.Proof.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Each_checkpoint_covers_the_rows_since_the_last_one_and_a_minute_without_rows_has_none()
    {
        await _bench.Keys.Load(mayMake: true, default);
        Assert.Null(await _bench.Minute());
        await _bench.Append("s/1", 3);
        var first = await _bench.Minute();
        Assert.Null(await _bench.Minute());
        await _bench.Append("s/1");
        await _bench.Append("s/2", 2);
        var second = await _bench.Minute();

        Assert.Equal((1L, 3L), (first!.Number, first.Size));
        Assert.Equal((2L, 3L, first.UpTo), (second!.Number, second.Size, second.After));
        Assert.Empty(await _bench.Broken());
    }

    [Fact]
    public async Task Without_a_key_nothing_is_made_and_the_first_one_after_it_covers_all()
    {
        await _bench.Append("s/1", 5);
        Assert.Null(await _bench.Minute());
        await _bench.Keys.Load(mayMake: true, default);
        await _bench.Append("s/1", 5);
        Assert.Equal(10, (await _bench.Minute())!.Size);
    }

    [Fact]
    public async Task Of_two_processes_with_timers_of_their_own_one_makes_the_minutes_checkpoint()
    {
        await _bench.Keys.Load(mayMake: true, default);
        await _bench.Append("s/1");
        Assert.NotNull(await _bench.Minute());
        await _bench.Append("s/1");
        Assert.Null(await _bench.Maker().Make(default));
        _bench.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.NotNull(await _bench.Maker().Make(default));
    }

    [Fact]
    public async Task Of_two_processes_that_come_to_the_same_number_one_adds_its_checkpoint()
    {
        await _bench.Keys.Load(mayMake: true, default);
        await _bench.Append("s/1");
        var late = new BeforeAdding(_bench.Journal, async () => Assert.NotNull(await _bench.Maker().Make(default)));
        Assert.Null(await _bench.Maker(late).Make(default));
        Assert.Single(await _bench.Journal.Checkpoints(0, 10, default));
        Assert.Empty(await _bench.Broken());
    }

    [Theory]
    [InlineData(JournalFailure.Unavailable, 0)]
    [InlineData(JournalFailure.LostBefore, 0)]
    [InlineData(JournalFailure.LostAfter, 1)]
    public async Task One_that_is_cut_off_while_it_is_stored_is_there_whole_or_not_at_all_and_the_next_goes_on(JournalFailure failure, int there)
    {
        var fails = false;
        using var bench = new Bench(call => new(fails && call == JournalCall.AddCheckpoint ? failure : JournalFailure.None));
        await bench.Keys.Load(mayMake: true, default);
        await bench.Append("s/1", 2000);
        fails = true;
        await Assert.ThrowsAnyAsync<Exception>(bench.Minute);
        fails = false;
        Assert.Equal(there, (await bench.Journal.Checkpoints(0, 10, default)).Count);

        await bench.Append("s/1", 10);
        await bench.Minute();
        Assert.Equal(2010, (await bench.Journal.Checkpoints(0, 10, default)).Sum(c => c.Size));
        Assert.Empty(await bench.Broken());
    }

    [Fact]
    public async Task Every_row_has_a_proof_once_it_is_covered_and_none_before()
    {
        await _bench.Keys.Load(mayMake: true, default);
        var proofs = new InclusionProofs(_bench.Journal);
        foreach (var rows in new[] { 1, 1500, 3, 2048 })
        {
            await _bench.Append("s/many", rows);
            await _bench.Append("s/one");
            Assert.Null(await proofs.Of("s/one", await Seq("s/one"), default));
            await _bench.Minute();
        }

        foreach (var row in (await _bench.Journal.Placed(RowPlace.Start, long.MaxValue, int.MaxValue, default)).Where((_, i) => i % 97 == 0 || i % 1024 < 2))
        {
            var proof = await proofs.Of(row.Place.Stream, row.Place.Seq, default);
            var claims = CheckpointClaims.Read(proof!.Checkpoint.Token, await KeyOf());
            Assert.Equal(claims!.Root, Text(MerkleTree.RootOf(RowTiles.Leaf(row), proof.Index, claims.Size, proof.Path)!));
        }
    }

    [Fact]
    public async Task Rows_cut_off_the_end_changed_or_slipped_in_are_found()
    {
        await _bench.Keys.Load(mayMake: true, default);
        await _bench.Append("s/1", 3000);
        await _bench.Minute();
        await _bench.Append("s/1", 10);
        await _bench.Minute();
        Assert.Empty(await _bench.Broken());

        Assert.Equal(["checkpoint 2 covers 10 rows, of which 9 are there"], await _bench.Broken(new Altered(_bench.Journal, rows => rows.Where(r => r.Place.Seq != 3010))));
        Assert.Equal(["checkpoint 1 covers 3000 rows, of which 2999 are there"], await _bench.Broken(new Altered(_bench.Journal, rows => rows.Where(r => r.Place.Seq != 7))));
        Assert.Equal(
            ["checkpoint 1 covers other rows than are there: look at the 1024 rows from s/1 #1025 on"],
            await _bench.Broken(new Altered(_bench.Journal, rows => rows.Select(r => r.Place.Seq == 1500 ? r with { Hash = new byte[32] } : r))));
        Assert.Equal(["checkpoint 2 covers 10 rows, of which 11 are there"], await _bench.Broken(new Altered(_bench.Journal, rows => rows.SelectMany(r => r.Place.Seq == 3005 ? [r, r] : new[] { r }))));
    }

    [Fact]
    public async Task A_checkpoint_that_is_forged_or_missing_is_found_and_one_cut_off_with_its_rows_by_a_copy()
    {
        await _bench.Keys.Load(mayMake: true, default);
        for (var minute = 0; minute < 3; minute++)
        {
            await _bench.Append("s/1");
            await _bench.Minute();
        }

        var copy = (await _bench.Journal.Checkpoints(0, 10, default)).Select(c => c.Token).ToList();
        Assert.Empty(await _bench.Broken(copy: copy));
        Assert.Equal(
            ["checkpoint 3 does not follow from the one before"], await _bench.Broken(new Altered(_bench.Journal, checkpoints: all => all.Where(c => c.Number != 2))));
        Assert.Equal(
            ["checkpoint 2 is not signed by a key of this journal"],
            (await _bench.Broken(new Altered(_bench.Journal, checkpoints: all => all.Select(c => c.Number == 2 ? c with { Token = c.Token[..^4] + "AAAA" } : c)))).Take(1));

        var cut = new Altered(_bench.Journal, rows => rows.Where(r => r.Place.Seq < 3), all => all.Where(c => c.Number < 3));
        Assert.Empty(await _bench.Broken(cut));
        Assert.Equal(["line 3 of the copy is no checkpoint of this journal: it was cut off, or replaced"], await _bench.Broken(cut, copy));
    }

    [Fact]
    public async Task What_a_key_signed_that_was_removed_is_vouched_for_by_the_next_key_and_nothing_else_of_its_time_is()
    {
        await _bench.Keys.Load(mayMake: true, default);
        var leaked = (await _bench.Keys.Public(default))[0].KeyId;
        await _bench.Append("s/1", 2);
        await _bench.Minute();
        await _bench.Append("s/1");
        await _bench.Minute();
        await _bench.Keys.Rotate(default);
        Assert.True(await _bench.Keys.Remove(leaked, default));
        Assert.Equal(["checkpoint 1 is not signed by a key of this journal", "checkpoint 2 is not signed by a key of this journal"], await _bench.Broken());

        await _bench.Append("s/1");
        await _bench.Minute();
        Assert.Empty(await _bench.Broken());

        Assert.Equal(["checkpoint 1 covers 2 rows, of which 1 are there"], await _bench.Broken(new Altered(_bench.Journal, rows => rows.Where(r => r.Place.Seq != 1))));
        using var forger = new Ed25519PrivateKey(new byte[32]);
        var forged = new Altered(_bench.Journal, checkpoints: all => all.Select(c => c.Number == 2 ? c with { Token = CheckpointClaims.ReadUnverified(c.Token)!.Value.Claims.Sign(forger) } : c));
        Assert.Equal(
            ["checkpoint 3 does not follow from the one before", "checkpoint 1 is not signed by a key of this journal", "checkpoint 2 is not signed by a key of this journal"], await _bench.Broken(forged));
        var unsigned = new Altered(_bench.Journal, checkpoints: all => all.Select(c => c.Number == 3 ? c with { Token = c.Token[..^4] + "AAAA" } : c));
        Assert.Equal([3, 1, 2], (await _bench.Broken(unsigned)).Select(static found => int.Parse(found.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_key_that_comes_while_it_is_verified_is_read_and_one_of_nobodys_is_not_believed()
    {
        await _bench.Keys.Load(mayMake: true, default);
        await _bench.Append("s/1");
        await _bench.Minute();
        var before = await _bench.Keys.Public(default);
        await _bench.Keys.Rotate(default);
        await _bench.Append("s/1");
        await _bench.Minute();

        var found = new List<string>();
        await new CheckpointVerifier(_bench.Journal, before, found.Add, newer: _bench.Keys.Public).Verify(null, default);
        Assert.Empty(found);
        await new CheckpointVerifier(_bench.Journal, before, found.Add).Verify(null, default);
        await new CheckpointVerifier(_bench.Journal, [], found.Add, newer: _ => Task.FromResult(before)).Verify(null, default);
        Assert.Equal(Enumerable.Repeat("checkpoint 2 is not signed by a key of this journal", 2), found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.e30")]
    [InlineData("eyJhbGciOiJFZERTQSIsInR5cCI6ImFnb3JhLWNoZWNrcG9pbnQrand0Iiwia2lkIjoieCJ9.bm8gSlNPTg.e30")]
    [InlineData("eyJhbGciOiJFZERTQSIsInR5cCI6ImFnb3JhLWNoZWNrcG9pbnQrand0Iiwia2lkIjoieCJ9.bnVsbA.e30")]
    public async Task What_is_no_checkpoint_is_found_and_breaks_nothing_off(string token)
    {
        await _bench.Keys.Load(mayMake: true, default);
        await _bench.Append("s/1");
        await _bench.Minute();

        Assert.Equal(["checkpoint 1 is not signed by a key of this journal"], await _bench.Broken(new Altered(_bench.Journal, checkpoints: all => all.Select(c => c with { Token = token }))));
    }

    private static string Text(byte[] hash) => System.Buffers.Text.Base64Url.EncodeToString(hash);

    private async Task<Func<string, Jwk?>> KeyOf()
    {
        var keys = await _bench.Keys.Public(default);
        return id => keys.SingleOrDefault(key => key.KeyId == id);
    }

    private async Task<long> Seq(string stream) => (await _bench.Journal.Read(stream, 0, int.MaxValue, default))[^1].Seq;

    /// <summary>Another process is quicker by one step.</summary>
    private sealed class BeforeAdding(IJournal inner, Func<Task> act) : DelegatingJournal(inner)
    {
        public override async Task<bool> AddCheckpoint(Checkpoint checkpoint, IReadOnlyList<CheckpointTile> tiles, CancellationToken cancel)
        {
            await act();
            return await base.AddCheckpoint(checkpoint, tiles, cancel);
        }
    }

    /// <summary>The journal as whoever has the database could have left it.</summary>
    private sealed class Altered(IJournal inner, Func<IEnumerable<PlacedRow>, IEnumerable<PlacedRow>>? rows = null, Func<IEnumerable<Checkpoint>, IEnumerable<Checkpoint>>? checkpoints = null) : DelegatingJournal(inner)
    {
        public override async Task<IReadOnlyList<PlacedRow>> Placed(RowPlace after, long upTo, int limit, CancellationToken cancel)
        {
            var there = await base.Placed(after, upTo, limit, cancel);
            return rows is null ? there : [.. rows(there)];
        }

        public override async Task<IReadOnlyList<Checkpoint>> Checkpoints(long after, int limit, CancellationToken cancel)
        {
            var there = await base.Checkpoints(after, limit, cancel);
            return checkpoints is null ? there : [.. checkpoints(there)];
        }
    }
}
