using Agora.Application.Catalogue;
using Agora.Application.Reading;
using Agora.Core;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Search;
using Microsoft.Extensions.Logging.Abstractions;
using static Agora.Api.Tests.Catalogue.ServiceCatalogueTests;

namespace Agora.Api.Tests.Catalogue;

/// <summary>The catalogue beside a journal that other processes write.</summary>
public sealed class CatalogueFeedTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly Catalogues _catalogues = new();
    private readonly FailingOver _store = new();
    private readonly CatalogueFeed _feed;

    private ServiceCatalogue Catalogue => _catalogues.In(Tenant.Default);

    public CatalogueFeedTests() => _feed = new(_store, new TableReader(_store), _catalogues, new FixedTime(Noon), NullLogger<CatalogueFeed>.Instance);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _feed.StopAsync(CancellationToken.None);
        _feed.Dispose();
    }

    [Fact]
    public async Task All_that_is_there_is_loaded_and_then_what_another_process_changes_is_seen()
    {
        foreach (var n in Enumerable.Range(0, 2_500))
        {
            await Put(Service($"s{n:0000}", "first", Noon));
        }

        await _feed.StartAsync(CancellationToken.None);
        Assert.Equal(2_500, Catalogue.Search(new() { Text = "first" }).TotalCount);

        // One stamped behind what was last seen, as a process with a slower clock would.
        await Put(Service("s0001", "second", Noon.AddSeconds(3)));
        await Put(Service("late", "second", Noon.AddSeconds(-5)));
        await _feed.Refresh(CancellationToken.None);

        Assert.Equal(["late", "s0001"], Found("second"));
    }

    [Fact]
    public async Task What_changes_while_all_is_loaded_is_seen_by_the_first_look_behind_it()
    {
        await Put(Service("s", "first", Noon));
        _store.HasRead = async () =>
        {
            _store.HasRead = null;
            await Put(Service("s", "second", Noon.AddSeconds(1)));
        };
        await _feed.StartAsync(CancellationToken.None);
        await _feed.Refresh(CancellationToken.None);

        Assert.Equal(["s"], Found("second"));
    }

    [Fact]
    public async Task A_campaign_is_seen_through_rows_that_change_no_definition()
    {
        await Put(Service("s", "text", Noon));
        await _feed.StartAsync(CancellationToken.None);
        await Put(Campaign("c", Noon, "s"));
        await _store.Journal.Append([Row(StreamId.Campaign("other"), Noon, null)], false, CancellationToken.None);
        await _feed.Refresh(CancellationToken.None);

        Assert.Equal(["c"], Catalogue.SponsorsOf(Catalogue.Service("s")!).Select(c => c.CampaignId));
    }

    [Fact]
    public async Task After_a_fail_over_that_cut_off_what_was_seen_the_catalogue_is_what_is_left()
    {
        await Put(Service("kept", "text", Noon));
        await Put(Service("lost", "text", Noon));
        await Put(Service("changed", "newer text", Noon.AddSeconds(2)));
        await Put(Campaign("lost", Noon, "kept"));
        await _feed.StartAsync(CancellationToken.None);
        Assert.Equal(["changed", "kept", "lost"], Found("text"));

        _store.FailOver();
        await Put(Service("kept", "text", Noon));
        await Put(Service("changed", "text", Noon.AddSeconds(1)));
        await Put(Campaign("another", Noon, "kept"));
        await _feed.Refresh(CancellationToken.None);

        Assert.Equal(["changed", "kept"], Found("text"));
        Assert.Empty(Found("newer"));
        Assert.Null(Catalogue.Service("lost"));
        Assert.Equal(["another"], Catalogue.SponsorsOf(Catalogue.Service("kept")!).Select(c => c.CampaignId));
        Assert.Equal(["another"], Catalogue.Campaigns.Select(c => c.CampaignId));
    }

    [Fact]
    public async Task What_a_tenant_changes_is_seen_in_its_own_catalogue_alone_loaded_or_followed()
    {
        var second = Tenant.Parse("second")!;
        await Put(Service("loaded", "firsts text", Noon));
        await Put(Service("loaded", "seconds text", Noon), second);
        await Put(Campaign("loaded", Noon, "loaded"), second);
        await _feed.StartAsync(CancellationToken.None);

        await Put(Service("followed", "firsts text", Noon.AddSeconds(1)));
        await Put(Campaign("followed", Noon.AddSeconds(1), "followed"));
        await Put(Service("followed", "seconds text", Noon.AddSeconds(1)), second);
        await Put(Service("own", "seconds text", Noon.AddSeconds(1)), second);
        await _feed.Refresh(CancellationToken.None);

        var (own, other) = (Catalogue, _catalogues.In(second));
        Assert.Equal(["followed", "loaded"], Found("firsts"));
        Assert.Equal(["followed", "loaded", "own"], Found("seconds", second));
        Assert.Empty(Found("seconds"));
        Assert.Empty(Found("firsts", second));
        Assert.Null(own.Service("own"));
        Assert.Equal(["followed"], Ids(own.Campaigns));
        Assert.Equal(["loaded"], Ids(other.Campaigns));
        Assert.Empty(own.SponsorsOf(own.Service("loaded")!));
        Assert.Empty(other.SponsorsOf(other.Service("followed")!));
        Assert.Empty(_catalogues.In(Tenant.Parse("third")!).Campaigns);
    }

    private static List<string> Ids(IEnumerable<CampaignEntry> campaigns) => [.. campaigns.Select(c => c.CampaignId)];

    private List<string> Found(string text, Tenant? of = null) => [.. _catalogues.In(of ?? Tenant.Default).Search(new SearchQuery { Text = text }).Hits.Select(hit => hit.Id).Order(StringComparer.Ordinal)];

    private Task Put(ServiceEntry entry, Tenant? of = null)
    {
        var id = (of ?? Tenant.Default).Service(entry.ServiceId);
        var state = new ServiceState(id, new(entry.ServiceId, entry.Definition, entry.Disabled, entry.UpdatedAt), null);
        return Put(Row(id, entry.UpdatedAt, Upsert(ServiceTables.Services, ServiceTables.Rows(state).Single())));
    }

    private Task Put(CampaignEntry entry, Tenant? of = null)
    {
        var id = (of ?? Tenant.Default).Campaign(entry.CampaignId);
        var state = CampaignState.Initial(id).Put(entry.Definition, entry.UpdatedAt);
        var row = CampaignTables.Rows(state, new CampaignEvent.DefinitionPut(state.View(entry.Definition)), entry.UpdatedAt).Single();
        return Put(Row(id, entry.UpdatedAt, Upsert(CampaignTables.Campaigns, row)));
    }

    private async Task Put(StreamAppend append) =>
        Assert.Equal([AppendOutcome.Written], await _store.Journal.Append([append], false, CancellationToken.None));

    private static TableUpsert Upsert(Table table, Row row) => new(new(table.Name, table.KeyColumns, table.Columns), row.Values);

    private StreamAppend Row(StreamId id, DateTimeOffset at, TableUpsert? upsert)
    {
        var head = _store.Heads.GetValueOrDefault(id, StreamHead.Empty);
        var row = RowCodec.Next(id.ToString(), head, [new(Guid.Empty, at.ToMicros(), default, [])]);
        _store.Heads[id] = new(row.Seq, row.Hash);
        return new(id.ToString(), head, row, at.ToMicros(), upsert is null ? [] : [upsert], [], null);
    }

    /// <summary>A store that loses all that it held.</summary>
    private sealed class FailingOver : IFeed, ITables
    {
        public MemoryJournal Journal { get; private set; } = New();

        public Dictionary<StreamId, StreamHead> Heads { get; } = [];

        /// <summary>After each look at a table.</summary>
        public Func<Task>? HasRead { get; set; }

        public void FailOver()
        {
            Journal = New();
            Heads.Clear();
        }

        public IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, CancellationToken cancel) => Journal.Follow(query, cancel);

        public Task<string> FeedEnd(CancellationToken cancel) => Journal.FeedEnd(cancel);

        public async Task<TablePage> Query(TableQuery query, CancellationToken cancel)
        {
            var page = await Journal.Query(query, cancel);
            await (HasRead?.Invoke() ?? Task.CompletedTask);
            return page;
        }

        public Task<IReadOnlyList<long>> Totals(TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel) => Journal.Totals(table, tenant, columns, cancel);

        public Task<IReadOnlyList<ActiveDay>> Active(ActiveQuery query, CancellationToken cancel) => Journal.Active(query, cancel);

        public Task<IReadOnlyList<DayTotals>> DayTotals(TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay, CancellationToken cancel) => Journal.DayTotals(table, tenant, columns, fromDay, toDay, cancel);

        public Task<DaySums?> Sums(DaysQuery query, CancellationToken cancel) => Journal.Sums(query, cancel);

        public Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel) => Journal.Clear(tables, cancel);

        public Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel) => Journal.Write(rows, cancel);

        private static MemoryJournal New() => new(new FixedTime(Noon));
    }
}
