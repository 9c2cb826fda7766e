using System.Diagnostics;
using Agora.Journal.Sqlite;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Sqlite;

/// <summary>A full disk and a file that can no longer be written: refused as unavailable, nothing lost, and better by itself.</summary>
public sealed class SqliteTroubleTests
{
    [RootFact]
    public async Task A_full_disk_is_Unavailable_and_recovers_when_there_is_space()
    {
        var directory = Directory.CreateTempSubdirectory("agora-full-").FullName;
        Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", directory);
        try
        {
            await using (var journal = SqliteJournal.Open(Options(directory)))
            {
                var head = await Append(journal, StreamHead.Empty, "before");
                var ballast = Path.Combine(directory, "ballast");
                Fill(ballast);

                var big = new string('x', 200_000);
                await Assert.ThrowsAsync<JournalUnavailableException>(() => Append(journal, head, big));
                await Assert.ThrowsAsync<JournalUnavailableException>(() => Append(journal, head, big));
                Assert.Equal(["before"], Said(await journal.Read("s/1", 0, 10, default)));

                File.Delete(ballast);
                await Append(journal, head, "after");
                Assert.Equal(["before", "after"], Said(await journal.Read("s/1", 0, 10, default)));
                await journal.Probe(default);
            }

            await using var next = SqliteJournal.Open(Options(directory));
            Assert.Equal(["before", "after"], Said(await next.Read("s/1", 0, 10, default)));
        }
        finally
        {
            Run("umount", directory);
            Directory.Delete(directory);
        }
    }

    [RootFact]
    public async Task A_file_that_can_no_longer_be_written_is_Unavailable_and_recovers_when_it_can()
    {
        using var file = new SqliteFile();
        await using var journal = SqliteJournal.Open(file.Options());
        var head = await Append(journal, StreamHead.Empty, "before");
        var files = new[] { file.Path, file.Path + "-wal" };
        foreach (var each in files) Run("chattr", "+i", each);
        try
        {
            for (var i = 0; i < 3; i++) await Assert.ThrowsAsync<JournalUnavailableException>(() => Append(journal, head, "refused"));
            await Assert.ThrowsAsync<JournalUnavailableException>(() => journal.Probe(default));
            Assert.Equal(["before"], Said(await journal.Read("s/1", 0, 10, default)));
        }
        finally
        {
            foreach (var each in files) Run("chattr", "-i", each);
        }

        await Append(journal, head, "after");
        Assert.Equal(["before", "after"], Said(await journal.Read("s/1", 0, 10, default)));
        await journal.Probe(default);
    }

    [Fact]
    public async Task An_append_with_a_defect_fails_alone_among_those_that_share_its_transaction()
    {
        using var file = new SqliteFile();
        await using var journal = SqliteJournal.Open(file.Options());
        var nowhere = new TableUpsert(new("not_there", 1, ["tenant"]), ["default"]);
        var all = Enumerable.Range(0, 200).Select(n => Samples.Append($"s/{n}", StreamHead.Empty, Entry($"{n}")) with { Upserts = n % 50 == 7 ? [nowhere] : [] }).ToList();
        var sent = all.Select(append => journal.Append([append], false, default)).ToList(); // what comes while the first is written shares the next transaction
        for (var n = 0; n < all.Count; n++)
        {
            if (n % 50 == 7)
            {
                await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => sent[n]);
            }
            else
            {
                Assert.Equal([AppendOutcome.Written], await sent[n]);
            }

            Assert.Equal(n % 50 == 7 ? [] : [$"{n}"], Said(await journal.Read($"s/{n}", 0, 10, default)));
        }
    }

    private static SqliteOptions Options(string directory) => new() { Path = Path.Combine(directory, "agora.db"), Readers = 1 };

    private static async Task<StreamHead> Append(SqliteJournal journal, StreamHead head, string text)
    {
        var append = Samples.Append("s/1", head, Entry(text));
        Assert.Equal([AppendOutcome.Written], await journal.Append([append], false, default));
        return HeadAfter(append);
    }

    private static void Fill(string path)
    {
        using var ballast = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true) ballast.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}

/// <summary>Mounts and file attributes are root's on Linux; elsewhere the test is skipped by name.</summary>
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            Skip = "needs root on Linux, to fill and to lock a file system of its own";
        }
    }
}
