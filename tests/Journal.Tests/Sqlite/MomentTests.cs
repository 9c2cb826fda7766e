using Agora.Journal.Sqlite;

namespace Agora.Journal.Tests.Sqlite;

/// <summary>What is read of one moment, while the owner of the file goes on writing.</summary>
public sealed class MomentTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task What_is_written_after_the_first_question_is_not_seen_and_whoever_writes_does_not_wait()
    {
        await using var owner = SqliteJournal.Open(_file.Options() with { BusyTimeout = TimeSpan.Zero });
        await using var moment = SqliteJournal.Open(_file.Options() with { ReadOnly = true, AtOneMoment = true });
        await Moments.Stands(owner, moment);
    }

    [Fact]
    public async Task A_moment_that_is_over_answers_nothing_more()
    {
        await using var owner = SqliteJournal.Open(_file.Options());
        await using var moment = SqliteJournal.Open(_file.Options() with { ReadOnly = true, AtOneMoment = true });
        await Moments.Stands(owner, moment);

        await Assert.ThrowsAnyAsync<Exception>(() => moment.Query(new(new("no_such_table", 1, ["id"]), [], [], 0, 1), default));

        await Assert.ThrowsAsync<JournalUnavailableException>(() => moment.Read("s/1", 0, 10, default));
    }
}
