using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Webhooks;
using Agora.Grains.Webhooks;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Journal.Personal;
using Agora.Testing;
using Sample = Agora.Core.Tests.Kernel.Samples;

namespace Agora.Grains.Tests.Webhooks;

/// <summary>The endpoints of a process read the feed together.</summary>
public sealed class SharedFeedTests
{
    private const int Endpoints = 20;
    private static readonly WebhookDefinition Everything = new("https://books.example/", null, null, Active: true);
    private readonly MemoryJournal _journal = new(TimeProvider.System);
    private readonly Counted _feed;
    private readonly Taking _post = new();

    public SharedFeedTests() => _feed = new(_journal);

    [Fact]
    public async Task However_many_endpoints_wait_at_its_end_each_row_of_the_feed_is_read_once_and_told_to_all_of_its_tenant()
    {
        const int Runs = 10;
        await With(async teller =>
        {
            var end = await _journal.FeedEnd(default);
            var windows = Enumerable.Range(0, Endpoints).Select(n => Window(teller, n, end, Everything)).ToList();
            await Happen([.. Enumerable.Range(0, Runs).Select(static n => $"default/session/s{n}"), .. Enumerable.Range(0, Runs).Select(static n => $"other/session/s{n}")]);

            Assert.All(await Task.WhenAll(windows), static window => Assert.Equal(Runs, window.Deliveries.Count));
        });

        Assert.Equal(2 * Runs, _feed.Rows);
        Assert.Equal(Endpoints * Runs, _post.Told.Count);
    }

    [Fact]
    public async Task Rows_of_kinds_of_which_an_endpoint_wants_nothing_are_not_read_for_it()
    {
        await Happen([.. Enumerable.Range(0, 10).Select(static n => $"default/session/s{n}")]);
        await With(async teller =>
        {
            var window = await Window(teller, 0, null, Everything with { Types = [NoticeTypes.RefundAccepted] }, TimeSpan.Zero);
            Assert.Empty(window.Deliveries);
        });

        Assert.Equal(0, _feed.Rows);
    }

    /// <summary>Its payload cannot be decoded: an endpoint that wants notices of such events would fail at it.</summary>
    [Fact]
    public async Task An_event_of_which_nothing_that_an_endpoint_wants_can_come_is_not_decoded_for_it()
    {
        await Happen(["default/session/s1"], "undecodable"u8.ToArray());
        await With(async teller =>
        {
            Assert.Empty((await Window(teller, 0, null, Everything with { Types = [NoticeTypes.ApprovalWaiting] }, TimeSpan.Zero)).Deliveries);
            await Assert.ThrowsAnyAsync<Exception>(() => Window(teller, 1, null, Everything with { Types = [NoticeTypes.CapNear] }, TimeSpan.Zero));
        });

        Assert.Equal(2, _feed.Rows);
    }

    /// <summary>One from the first row on, which is too long ago for what is in memory, and one from the middle of what another reads.</summary>
    [Fact]
    public async Task Wherever_an_endpoint_begins_it_is_told_each_event_behind_that_once_and_in_order()
    {
        const int Rows = 1_500;
        var cursors = new string?[] { null, null, null };
        await With(async teller =>
        {
            for (var row = 0; row < Rows; row++)
            {
                await Happen([$"default/session/s{row:0000}"]);
                cursors[1] = row == Rows / 2 ? await _journal.FeedEnd(default) : cursors[1];
                cursors[2] = row == Rows - 3 ? await _journal.FeedEnd(default) : cursors[2];
            }

            await Task.WhenAll(Enumerable.Range(0, cursors.Length).Select(async n =>
            {
                for (var told = 0; told < Rows - First(n);)
                {
                    var window = await Window(teller, n, cursors[n], Everything);
                    (cursors[n], told) = (window.Cursor, told + window.Deliveries.Count);
                }
            }));
        });

        for (var n = 0; n < cursors.Length; n++)
        {
            Assert.Equal(Enumerable.Range(First(n), Rows - First(n)).Select(static row => $"session/s{row:0000}"), _post.Told.Where(told => told.Endpoint == $"w{n}").Select(static told => told.Subject).Order(StringComparer.Ordinal));
        }

        static int First(int n) => n switch { 0 => 0, 1 => (Rows / 2) + 1, _ => Rows - 2 };
    }

    /// <summary>After a restore an endpoint's cursor can be of rows that are gone while others stand in their places. What is in memory must not make good for it: events of the lost rows would be missed without a word.</summary>
    [Fact]
    public async Task A_cursor_of_another_history_is_cut_off_though_the_rows_behind_it_are_in_memory()
    {
        var end = await _journal.FeedEnd(default);
        await With(async teller =>
        {
            var leads = Window(teller, 0, end, Everything, tenant: "other"); // keeps the windows in memory
            await Happen([.. Enumerable.Range(0, 10).Select(static n => $"default/session/s{n}")]);
            Assert.Equal(10, (await Window(teller, 1, end, Everything)).Deliveries.Count);
            var middle = await Behind(end, rows: 5);

            Assert.Equal(5, (await Window(teller, 2, middle.ToString(), Everything)).Deliveries.Count);
            Assert.True((await Window(teller, 3, (middle with { Hash = new byte[RowCodec.HashBytes] }).ToString(), Everything)).IsCutOff);

            await Happen(["other/session/s"]);
            Assert.Single((await leads).Deliveries);
        });
    }

    /// <summary>An endpoint that begins there reads them by itself.</summary>
    [Fact]
    public async Task Rows_beyond_the_bound_of_bytes_are_not_kept_in_memory()
    {
        const int Rows = 12;
        var end = await _journal.FeedEnd(default);
        await With(async teller =>
        {
            var (leads, stays) = (Window(teller, 0, end, Everything, tenant: "leads"), Window(teller, 1, end, Everything, tenant: "stays"));
            for (var row = 0; row < Rows; row++) await Happen([$"large/session/s{row}"], new byte[Limits.WebhookBytes / 4]);
            await Happen(["default/session/s1"]);
            await Happen(["leads/session/s1"]);
            Assert.Single((await leads).Deliveries);
            var before = _feed.Rows;

            Assert.Single((await Window(teller, 2, end, Everything)).Deliveries);

            Assert.InRange(_feed.Rows - before, Rows / 2, int.MaxValue);
            await Happen(["stays/session/s1"]);
            Assert.Single((await stays).Deliveries);
        });
    }

    /// <summary>The store was restored while endpoints waited: what was read before it is of rows that are gone.</summary>
    [Fact]
    public async Task Rows_in_memory_are_told_to_no_endpoint_after_the_feed_was_reset()
    {
        var end = await _journal.FeedEnd(default);
        var restored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await With(async teller =>
        {
            var (leads, stays) = (Window(teller, 0, end, Everything, tenant: "leads"), Window(teller, 1, end, Everything, tenant: "stays"));
            await Happen([.. Enumerable.Range(0, 10).Select(static n => $"default/session/s{n}")]);
            Assert.Equal(10, (await Window(teller, 2, end, Everything)).Deliveries.Count);
            _feed.Restored = restored.Task; // the endpoint that leads from now on hears of it when that is done
            await Happen(["another/session/s1"]);
            Assert.True((await leads).IsCutOff);

            Assert.True((await Window(teller, 3, end, Everything, TimeSpan.Zero)).IsCutOff);

            restored.SetResult();
            Assert.True((await stays).IsCutOff);
        });
    }

    /// <summary>An endpoint that posts does not read on, so another one reads next: the pace is between reads, whichever endpoint makes them.</summary>
    [Fact]
    public async Task The_endpoint_that_looks_next_waits_for_the_pace()
    {
        var time = new SimTimeProvider();
        await With(async teller =>
        {
            var end = await _journal.FeedEnd(default);
            var (told, next) = (Window(teller, 0, end, Everything), Window(teller, 1, end, Everything, tenant: "other"));
            await Happen(["default/session/s1"]);
            Assert.Single((await told).Deliveries);
            Assert.Equal(1, _feed.Looks);

            time.Advance(Limits.WebhookPace);
            await Happen(["other/session/s1"]);
            Assert.Single((await next).Deliveries);
        }, time);

        Assert.Equal(2, _feed.Looks);
    }

    private static async Task<WebhookOutcome.Window> Window(Teller teller, int endpoint, string? cursor, WebhookDefinition definition, TimeSpan? patience = null, string tenant = StreamId.DefaultTenant)
    {
        var call = new WebhookWindow(definition, Reads: true, cursor, NotBefore: null, new Dictionary<string, Place>(), Pause: TimeSpan.Zero, patience ?? TimeSpan.FromMinutes(1));
        return Assert.IsType<WebhookOutcome.Window>(await teller.Window(call, new(new(tenant, Kinds.Webhook, $"w{endpoint}"), Guid.NewGuid(), null, static _ => { }, static () => { })));
    }

    private async Task<FeedCursor> Behind(string cursor, int rows)
    {
        await foreach (var window in _journal.Follow(new(cursor, [Kinds.Session]) { Patience = TimeSpan.Zero }, default)) return window.Behind(rows - 1);
        throw new InvalidOperationException("The feed has no such rows.");
    }

    private async Task Happen(IReadOnlyList<string> streams, byte[]? payload = null)
    {
        var now = DateTimeOffset.UtcNow.ToMicros();
        var stored = SessionCodec.Events.Encode((RunEvent.Concluded)Sample.Of(typeof(RunEvent.Concluded)) with { Posted = true, FailureCode = null, AmountMicros = 100, BudgetAfter = new(1_000, 100, 0, 900) });
        IReadOnlyList<JournalEntry> entries = [new(Guid.NewGuid(), now, default, [new(stored.Name, stored.Version, payload ?? stored.Payload)])];
        var outcomes = await _journal.Append([.. streams.Select(stream => new StreamAppend(stream, StreamHead.Empty, RowCodec.Next(stream, StreamHead.Empty, entries), now, [], [], null))], again: false, default);
        Assert.All(outcomes, static outcome => Assert.Equal(AppendOutcome.Written, outcome));
    }

    private async Task With(Func<Teller, Task> act, TimeProvider? time = null)
    {
        var entities = new Entities(null!, static _ => Task.FromResult(new Envelope(Guid.NewGuid(), null, Answer.Of(new WebhookSecrets("https://books.example/", [Personal.Of("c2VlZA==")])))));
        using var keys = new PersonalKeys(_journal, new byte[32], RandomNumberGenerator.Fill, TimeProvider.System);
        await act(new(entities, _feed, _journal, keys, _post, new(entities, time ?? TimeProvider.System, alone: true)));
    }

    private sealed class Counted(IFeed inner) : IFeed
    {
        private int _rows;
        private int _looks;

        public int Rows => _rows;

        public int Looks => _looks;

        /// <summary>Set if the store was restored: a waiting reader learns of it when this task is done. Null: it was not restored.</summary>
        public Task? Restored { get; set; }

        public async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            Interlocked.Increment(ref _looks);
            if (Restored is { } restored)
            {
                await (query.Patience > TimeSpan.Zero ? restored : Task.CompletedTask);
                yield return new(query.After ?? "", [], Reset: true);
                yield break;
            }

            await foreach (var window in inner.Follow(query, cancel))
            {
                if (Restored is not null)
                {
                    yield return new(window.Cursor, [], Reset: true);
                    yield break;
                }

                Interlocked.Add(ref _rows, window.Rows.Count);
                yield return window;
            }
        }

        public Task<string> FeedEnd(CancellationToken cancel) => inner.FeedEnd(cancel);
    }

    private sealed class Taking : IWebhookPost
    {
        public ConcurrentQueue<(string Endpoint, string Subject)> Told { get; } = [];

        public Task<WebhookAnswer> Post(WebhookMessage message, CancellationToken cancel)
        {
            Told.Enqueue((message.Endpoint.Id, JsonElement.Parse(message.Body.Span).GetProperty("data").GetProperty("subject").GetString()!));
            return Task.FromResult(new WebhookAnswer(204, null, null));
        }
    }
}
