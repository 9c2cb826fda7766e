using Agora.Journal.Sqlite;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Sqlite;

/// <summary>The file: who may open it, what damage to it looks like.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_second_owner_is_refused_in_one_line_until_the_first_is_gone()
    {
        var first = SqliteJournal.Open(_file.Options());
        var refusal = Assert.Throws<JournalInUseException>(() => SqliteJournal.Open(_file.Options()));
        Assert.Equal($"The journal {_file.Path} is in use by another process.", refusal.Message);
        await first.DisposeAsync();
        await using var second = SqliteJournal.Open(_file.Options());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_owner_by_another_name_of_the_file_or_its_directory_is_refused(bool directory)
    {
        await using var first = SqliteJournal.Open(_file.Options());
        var other = Directory.CreateTempSubdirectory("agora-journal-").FullName;
        try
        {
            var link = Path.Combine(other, "link");
            if (directory)
                Directory.CreateSymbolicLink(link, Path.GetDirectoryName(_file.Path)!);
            else
                File.CreateSymbolicLink(link, _file.Path);
            var alias = directory ? Path.Combine(link, Path.GetFileName(_file.Path)) : link;

            Assert.Equal($"The journal {alias} is in use by another process.", Assert.Throws<JournalInUseException>(() => SqliteJournal.Open(_file.Options() with { Path = alias })).Message);
            await first.DisposeAsync();
            await using var second = SqliteJournal.Open(_file.Options() with { Path = alias });
            Assert.Throws<JournalInUseException>(() => SqliteJournal.Open(_file.Options()));
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    [Fact]
    public async Task A_reading_one_sees_what_the_owner_writes_and_writes_nothing()
    {
        await using var owner = SqliteJournal.Open(_file.Options());
        await using var reading = SqliteJournal.Open(_file.Options() with { ReadOnly = true });
        await owner.Append([Append("s/1", StreamHead.Empty, Entry("a"))], false, default);
        Assert.Equal(["a"], Said(await reading.Read("s/1", 0, 10, default)));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => reading.Append([Append("s/2", StreamHead.Empty, Entry("a"))], false, default));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => reading.Probe(default));
    }

    [Fact]
    public async Task All_files_are_readable_by_their_owner_only()
    {
        await using var journal = SqliteJournal.Open(_file.Options());
        await journal.Append([Append("s/1", StreamHead.Empty, Entry("a"))], false, default);
        var files = Directory.GetFiles(Path.GetDirectoryName(_file.Path)!);
        Assert.Contains(_file.Path + "-wal", files);
        if (OperatingSystem.IsWindows()) return;
        foreach (var file in files) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_directory_that_is_not_there_and_a_file_that_is_no_database_are_refused_in_one_line()
    {
        var nowhere = Path.Combine(_file.Path, "none", "agora.db");
        Assert.Contains(nowhere, Assert.Throws<JournalRefusedException>(() => SqliteJournal.Open(_file.Options() with { Path = nowhere })).Message, StringComparison.Ordinal);
        File.WriteAllText(_file.Path, new string('x', 5_000));
        Assert.Contains("cannot be opened", Assert.Throws<JournalRefusedException>(() => SqliteJournal.Open(_file.Options())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edited_migration_and_a_newer_database_are_refused_when_opened()
    {
        await SqliteJournal.Open(_file.Options()).DisposeAsync();
        Migration[] edited = [SqliteFile.Schema[0] with { Sql = SqliteFile.Schema[0].Sql + " " }, .. SqliteFile.Schema.Skip(1)];
        edited[0] = new Migration(edited[0].Number, edited[0].Name, edited[0].Sql);
        Assert.Contains("was edited", Assert.Throws<JournalRefusedException>(() => SqliteJournal.Open(_file.Options() with { Migrations = edited })).Message, StringComparison.Ordinal);
        Assert.Contains("newer", Assert.Throws<JournalRefusedException>(() => SqliteJournal.Open(_file.Options() with { Migrations = [.. SqliteFile.Schema.SkipLast(1)] })).Message, StringComparison.Ordinal);
        await SqliteJournal.Open(_file.Options()).DisposeAsync();
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_schema_as_it_was()
    {
        Migration[] broken = [.. SqliteFile.Schema, new Migration(SqliteFile.Schema.Count + 1, "broken", "CREATE TABLE half (x INTEGER); CREATE TABLE nonsense (;")];
        Assert.Throws<JournalRefusedException>(() => SqliteJournal.Open(_file.Options() with { Migrations = broken }));
        Migration[] mended = [.. SqliteFile.Schema, new Migration(SqliteFile.Schema.Count + 1, "broken", "CREATE TABLE half (x INTEGER);")];
        await SqliteJournal.Open(_file.Options() with { Migrations = mended }).DisposeAsync();
    }

    [Fact]
    public async Task A_byte_changed_in_the_file_is_found_by_stream_and_sequence()
    {
        await using (var journal = SqliteJournal.Open(_file.Options()))
        {
            await Chain(journal, "s/1", 40);
            await Chain(journal, "s/2", 40);
        }

        var bytes = await File.ReadAllBytesAsync(_file.Path);
        var at = bytes.AsSpan().IndexOf("s/2 says 23."u8);
        Assert.NotEqual(-1, at);
        bytes[at + 5] ^= 1;
        await File.WriteAllBytesAsync(_file.Path, bytes);

        await using var damaged = SqliteJournal.Open(_file.Options());
        var found = new List<BrokenPlace>();
        var report = await Verifier.Verify(damaged, found.Add, default);
        Assert.Equal(new VerifyReport(2, 80, 80, 1), report);
        Assert.Equal(("s/2", 23), (found[0].Stream, found[0].Seq));
    }

    [Fact]
    public async Task Rows_removed_inserted_or_swapped_by_hand_are_found_by_stream_and_sequence()
    {
        await using var journal = SqliteJournal.Open(_file.Options());
        foreach (var stream in new[] { "s/1", "s/2", "s/3", "s/4" }) await Chain(journal, stream, 5);
        await using (var other = _file.Connect())
        {
            using var command = other.CreateCommand();
            command.CommandText =
                """
                DELETE FROM journal WHERE stream = 1 AND seq = 3;
                INSERT INTO journal (stream, seq, hash, body) SELECT stream, 6, hash, body FROM journal WHERE stream = 2 AND seq = 5;
                UPDATE journal SET body = (SELECT body FROM journal WHERE stream = 3 AND seq = 4) WHERE stream = 3 AND seq = 5;
                DELETE FROM journal WHERE stream = 4;
                """;
            await command.ExecuteNonQueryAsync();
        }

        var found = new List<BrokenPlace>();
        await Verifier.Verify(journal, found.Add, default);
        Assert.Equal([("s/1", 3L), ("s/2", 6L), ("s/3", 5L), ("s/4", 1L)], found.Select(place => (place.Stream, place.Seq)).Distinct());
    }

    [Fact]
    public async Task A_page_that_cannot_be_read_is_reported_and_the_other_streams_are_checked()
    {
        await using (var journal = SqliteJournal.Open(_file.Options()))
        {
            await Chain(journal, "s/1", 40, padding: 1_000);
            await Chain(journal, "s/2", 40, padding: 1_000);
        }

        // The header of the page in which the row is: neither a leaf nor anything else that a page can be.
        var bytes = await File.ReadAllBytesAsync(_file.Path);
        var page = bytes.AsSpan().IndexOf("s/1 says 20."u8) / 4096 * 4096;
        bytes.AsSpan(page, 8).Fill(0xEE);
        await File.WriteAllBytesAsync(_file.Path, bytes);

        await using var damaged = SqliteJournal.Open(_file.Options());
        var found = new List<BrokenPlace>();
        var report = await Verifier.Verify(damaged, found.Add, default);
        var place = Assert.Single(found);
        Assert.Equal("s/1", place.Stream);
        Assert.InRange(place.Seq, 15, 20);
        Assert.Equal(2, report.Streams);
        Assert.InRange(report.Rows, 40 + 14, 40 + 19);
    }

    [Fact]
    public async Task A_destroyed_keys_bytes_are_in_no_file_any_more()
    {
        var secret = "wrapped-key-that-must-go-away"u8.ToArray();
        await using var journal = SqliteJournal.Open(_file.Options());
        await journal.PutKey("user-1", secret, default);
        Assert.True(AnyFileHolds(secret));
        await journal.DestroyKey("user-1", default);
        await journal.Probe(default); // The log is wiped before the writing thread takes the next call.
        Assert.False(AnyFileHolds(secret));
    }

    [Fact]
    public async Task Room_that_archived_bodies_leave_is_filled_by_the_rows_that_come()
    {
        await using var journal = SqliteJournal.Open(_file.Options());
        await Mixed(journal, "old");
        var (full, _) = await Pages();

        Assert.Equal((20, 800, 0), await new Archivist(journal).Archive([.. Enumerable.Range(0, 20).Select(n => $"old/{n}")], 1_000, default));
        var (pages, free) = await Pages();
        Assert.InRange(free, full / 2, full);
        await Mixed(journal, "new");

        Assert.InRange((await Pages()).All, pages, full * 3 / 2);
        Assert.Equal(0, (await Verifier.Verify(journal, _ => { }, default)).Broken);
    }

    private bool AnyFileHolds(byte[] bytes) =>
        Directory.GetFiles(Path.GetDirectoryName(_file.Path)!).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray().AsSpan().IndexOf(bytes) >= 0;
        });

    /// <summary>Twenty streams of forty rows of a kilobyte, each row behind one of another stream.</summary>
    private static async Task Mixed(SqliteJournal journal, string name)
    {
        var heads = Enumerable.Repeat(StreamHead.Empty, 20).ToArray();
        for (var row = 1; row <= 40; row++)
        {
            var appends = heads.Select((head, n) => Append($"{name}/{n}", head, Entry(new string('x', 1_000), row))).ToArray();
            await journal.Append(appends, false, default);
            heads = [.. appends.Select(HeadAfter)];
        }
    }

    private async Task<(long All, long Free)> Pages()
    {
        await using var other = _file.Connect();
        using var pages = other.CreateCommand();
        pages.CommandText = "SELECT page_count, freelist_count FROM pragma_page_count(), pragma_freelist_count()";
        using var row = await pages.ExecuteReaderAsync();
        return row.Read() ? (row.GetInt64(0), row.GetInt64(1)) : default;
    }

    private static async Task Chain(SqliteJournal journal, string stream, int rows, int padding = 0)
    {
        var head = StreamHead.Empty;
        for (var i = 1; i <= rows; i++)
        {
            var append = Append(stream, head, Entry($"{stream} says {i}.{new string(' ', padding)}", i));
            await journal.Append([append], false, default);
            head = HeadAfter(append);
        }
    }
}
