using Agora.Application.Catalogue;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Search;

namespace Agora.Api.Tests.Catalogue;

public sealed class ServiceCatalogueTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly ServiceCatalogue _catalogue = new();

    [Fact]
    public void An_older_entry_never_replaces_a_newer_one()
    {
        _catalogue.Put(Service("s", "new", Noon.AddSeconds(1)));
        _catalogue.Put(Service("s", "old", Noon));

        Assert.Equal("new", _catalogue.Service("s")!.Definition.Name);
        Assert.Equal(["s"], Found("new"));
        Assert.Empty(Found("old"));
    }

    [Fact]
    public void A_service_that_is_inactive_or_disabled_is_known_but_not_found()
    {
        _catalogue.Put(Service("s", "text", Noon));
        _catalogue.Put(Service("s", "text", Noon.AddSeconds(1)) with { Disabled = true });
        Assert.Empty(Found("text"));
        Assert.True(_catalogue.Service("s")!.Disabled);

        _catalogue.Put(Service("s", "text", Noon.AddSeconds(2)));
        Assert.Equal(["s"], Found("text"));
    }

    [Fact]
    public void A_campaign_that_drops_a_service_no_longer_covers_it()
    {
        _catalogue.Put(Service("a", "text", Noon));
        _catalogue.Put(Service("b", "text", Noon));
        _catalogue.Put(Campaign("c", Noon, "a", "b"));
        _catalogue.Put(Campaign("c", Noon.AddSeconds(1), "b"));

        Assert.Empty(_catalogue.SponsorsOf(_catalogue.Service("a")!));
        Assert.Equal(["c"], _catalogue.SponsorsOf(_catalogue.Service("b")!).Select(c => c.CampaignId));
    }

    [Fact]
    public void What_no_campaign_names_any_more_is_not_kept()
    {
        for (var i = 0; i < 100; i++)
        {
            _catalogue.Put(Campaign("c", Noon.AddSeconds(i), "s", $"no-service-{i}"));
        }

        Assert.Equal(2, _catalogue.Covered);

        _catalogue.Put(Campaign("other", Noon, "s"));
        _catalogue.Put(Campaign("c", Noon.AddSeconds(100)));
        _catalogue.Put(Service("s", "text", Noon));

        Assert.Equal(1, _catalogue.Covered);
        Assert.Equal(["other"], _catalogue.SponsorsOf(_catalogue.Service("s")!).Select(c => c.CampaignId));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(0, null, true)]
    [InlineData(1, null, false)]
    [InlineData(null, 0, false)]
    [InlineData(null, 1, true)]
    public void A_campaign_is_open_from_its_start_until_before_its_end(int? starts, int? ends, bool isOpen)
    {
        var campaign = Campaign("c", Noon);
        var scheduled = campaign with
        {
            Definition = campaign.Definition with { StartsAt = starts is { } s ? Noon.AddSeconds(s) : null, EndsAt = ends is { } e ? Noon.AddSeconds(e) : null },
        };

        Assert.Equal(isOpen, scheduled.IsOpen(Noon));
        Assert.False((scheduled with { Closed = true }).IsOpen(Noon));
    }

    [Fact]
    public void Payers_follow_every_change_of_their_service_and_their_campaigns()
    {
        _catalogue.Put(Service("s", "text", Noon));
        Assert.Empty(Payers(Noon));

        _catalogue.Put(Campaign("b", Noon, "s"));
        _catalogue.Put(Ending("a", Noon, Noon.AddHours(1)));
        Assert.Equal(["a", "b"], Payers(Noon));
        Assert.Equal(["b"], Payers(Noon.AddHours(1)));
        Assert.Equal(["b"], Payers(Noon, "b"));
        Assert.Empty(Payers(Noon, "none"));

        _catalogue.Put(Campaign("b", Noon.AddSeconds(1), "other"));
        Assert.Equal(["a"], Payers(Noon));
        _catalogue.Put(Service("s", "text", Noon.AddSeconds(1), priceMicros: 10_001));
        Assert.Empty(Payers(Noon));
        Assert.Equal(["a", "b"], _catalogue.Campaigns.Select(c => c.CampaignId));

        _catalogue.Put(Campaign("c", Noon, "s") with { Closed = true });
        Assert.Empty(Payers(Noon));
        Assert.Equal(["a", "b", "c"], _catalogue.Campaigns.Select(c => c.CampaignId));
    }

    [Fact]
    public void A_campaign_that_has_yet_to_start_is_no_candidate()
    {
        _catalogue.Put(Service("s", "text", Noon));
        var later = Campaign("c", Noon, "s");
        _catalogue.Put(new CampaignEntry("c", later.Definition with { StartsAt = Noon }, Closed: false, Noon));

        Assert.Empty(Payers(Noon.AddTicks(-1)));
        Assert.Equal(["c"], Payers(Noon));
    }

    [Fact]
    public void Of_campaigns_that_start_and_end_one_after_the_other_those_that_are_open_are_candidates()
    {
        _catalogue.Put(Service("s", "text", Noon));
        foreach (var (id, starts) in new[] { ("first", 0), ("second", 1) })
        {
            var always = Campaign(id, Noon, "s");
            _catalogue.Put(new CampaignEntry(id, always.Definition with { StartsAt = Noon.AddHours(starts), EndsAt = Noon.AddHours(starts + 2) }, Closed: false, Noon));
        }

        Assert.Equal(["first"], Payers(Noon));
        Assert.Equal(["first", "second"], Payers(Noon.AddHours(1)));
        Assert.Equal(["second"], Payers(Noon.AddHours(2)));
        Assert.Empty(Payers(Noon.AddHours(3)));
    }

    [Fact]
    public void Schemas_compiled_stay_bounded_and_answer_the_same_after_they_were_dropped()
    {
        using var text = System.Text.Json.JsonDocument.Parse("\"text\"");
        var cache = new SchemaCache();
        for (var i = 0; i < 3 * SchemaCache.Generation; i++)
        {
            Assert.Single(cache.Violations($$"""{"type":"integer","$comment":"{{i}}"}""", text.RootElement, "/input"));
        }

        Assert.Equal("/input", cache.Violations("""{"type":"integer","$comment":"0"}""", text.RootElement, "/input").Single().Path);
        Assert.InRange(cache.Count, 1, 2 * SchemaCache.Generation);
    }

    private List<string> Found(string text) => [.. _catalogue.Search(new SearchQuery { Text = text }).Hits.Select(hit => hit.Id).Order(StringComparer.Ordinal)];

    private IEnumerable<string> Payers(DateTimeOffset now, string? named = null) =>
        _catalogue.PayersOf(_catalogue.Service("s")!).Candidates(now, named).Select(c => c.CampaignId);

    private static CampaignEntry Ending(string id, DateTimeOffset at, DateTimeOffset end)
    {
        var campaign = Campaign(id, at);
        return new(id, campaign.Definition with { Services = [new("s", 10_000)], EndsAt = end }, Closed: false, at);
    }

    internal static ServiceEntry Service(string id, string name, DateTimeOffset at, long priceMicros = 10_000) =>
        new(id, new(name, "", "category", priceMicros, "https://a.example", "provider", null, null, null, null, 1_000, Active: true), Disabled: false, at);

    internal static CampaignEntry Campaign(string id, DateTimeOffset at, params IEnumerable<string> services) =>
        new(id, new("Acme", null, new("n", "t", "", "true", [], []), [.. services.Select(s => new SponsoredService(s, null))], [], 1, null, null, null, null, null, true), Closed: false, at);
}
