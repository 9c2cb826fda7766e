using System.Security.Cryptography;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Grains.Clocks;
using Agora.Grains.Kernel;
using Agora.Hosting;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Journal.Personal;
using Agora.Silo.Engine;
using Agora.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Agora.Silo.Tests;

/// <summary>Which sessions are archived, and when.</summary>
public sealed class SessionArchiveTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly SimTimeProvider _time = new();
    private readonly MemoryJournal _journal;

    public SessionArchiveTests() => _journal = new(_time);

    [Fact]
    public async Task Sessions_that_were_ended_or_ran_out_so_long_ago_are_archived_and_one_that_lives_or_ended_lately_is_not()
    {
        await Put("default/session/ended", ended: 3 * Day, ranOut: 2 * Day);
        await Put("default/session/ran-out", ended: null, ranOut: 3 * Day);
        await Put("default/session/lives", ended: null, ranOut: -Day);
        await Put("default/session/ended-lately", ended: Day, ranOut: 3 * Day);

        Assert.Equal(["default/session/ended", "default/session/ran-out"], await Archived(2 * Day));
        Assert.Equal(["default/session/ended", "default/session/ended-lately", "default/session/ran-out"], await Archived(Day / 2));
    }

    [Fact]
    public async Task Sessions_of_every_tenant_are_archived_also_where_one_is_called_as_another_begins()
    {
        string[] streams = ["acme/session/s1", "acme-2/session/s1", "acme_t1/session/s1", "default/session/s1", "default_t1/session/s1"];
        foreach (var stream in streams) await Put(stream, ended: 3 * Day, ranOut: 3 * Day);

        Assert.Equal(streams.Order(StringComparer.Ordinal), await Archived(Day));
    }

    [Fact]
    public async Task A_server_that_archives_after_so_many_days_does_it_each_hour_and_leaves_alone_what_ended_later()
    {
        await Put("default/session/three-days", ended: 3 * Day, ranOut: 3 * Day);
        await Put("default/session/one-day", ended: Day, ranOut: Day);
        var settings = AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection([new("AGORA_ARCHIVE_AFTER_DAYS", "2")]).Build());
        await using var committer = new GroupCommitter(_journal, new(), TaskScheduler.Default, _time);
        using var keys = new PersonalKeys(_journal, new byte[32], RandomNumberGenerator.Fill, _time);
        var log = new ArchivedLog();
        var lifetime = new Lifetime(new NoEngine(), committer, _journal, keys, new(null!), new TestClocks(_journal), settings, _time, log);

        await lifetime.StartedAsync(default);
        Assert.False(log.Said.IsCompleted);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("1 rows of 1 sessions archived", await log.Said.WaitAsync(Hang.Timeout));
        await lifetime.StopAsync(default);

        Assert.Equal(["default/session/three-days"], await Archived());
    }

    /// <param name="ended">So long ago; null: nobody ended it.</param>
    /// <param name="ranOut">So long ago.</param>
    private async Task Put(string stream, TimeSpan? ended, TimeSpan ranOut)
    {
        var (id, began) = (StreamId.Parse(stream), Before(9 * Day));
        var row = RowCodec.Next(stream, StreamHead.Empty, [new(Guid.NewGuid(), began, "why"u8.ToArray(), [new("sample.said", 1, "it began"u8.ToArray())])]);
        var session = UserTables.Sessions.Row(id.Tenant, id.Id, "user-1", "agent-1", 1_000_000L, began, Before(ranOut), ended is { } over ? Before(over) : null, null, 0L, "");
        Assert.Equal([AppendOutcome.Written], await _journal.Append([new(stream, StreamHead.Empty, row, began, [new(TableShapes.Of(UserTables.Sessions), session.Values)], [], null)], false, default));
    }

    private async Task<IEnumerable<string>> Archived(TimeSpan age)
    {
        await new SessionArchive(_journal, _time).Run(age, told: null, default);
        return await Archived();
    }

    private async Task<IEnumerable<string>> Archived()
    {
        var streams = await _journal.Streams("", null, 100, default);
        return streams.Except((await _journal.Unarchived(streams, default)).Select(static left => left.Stream)).Order(StringComparer.Ordinal);
    }

    private long Before(TimeSpan ago) => (_time.GetUtcNow() - ago).ToMicros();

    /// <summary>What is said of the first round.</summary>
    private sealed class ArchivedLog : ILogger<Lifetime>
    {
        private const int ArchivedId = 24;
        private readonly TaskCompletionSource<string> _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Said => _said.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == ArchivedId)
            {
                _said.TrySetResult(formatter(state, exception));
            }
        }
    }

    private sealed class NoEngine : IEngineLifetime
    {
        public string? NotReady => null;

        public Task Drain(CancellationToken cancel) => Task.CompletedTask;
    }
}
