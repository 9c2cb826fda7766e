using Agora.Application.Catalogue;
using Agora.Core.Campaigns;

namespace Agora.Api.Tests.Catalogue;

public sealed class SponsorGroupTests
{
    private const int Services = 100, Shared = 30;
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_group_is_made_of_campaigns_and_has_no_copy_of_what_these_ask()
    {
        var catalogue = new ServiceCatalogue();
        string[] all = [.. Enumerable.Range(0, Services).Select(n => $"s{n}")];
        foreach (var (n, id) in all.Index())
        {
            catalogue.Put(new ServiceEntry(id, new(id, "", "text", 5, "https://a.example", "provider", null, null, null, null, 1_000, Active: true), Disabled: false, Noon));
            catalogue.Put(Campaign($"own-{n}", [id], n, [])); // so each service has a group of its own
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < Shared; n++)
        {
            catalogue.Put(Campaign($"shared-{n}", all, Services + n, [.. Enumerable.Range(0, 50).Select(attribute => new TargetingRule($"attribute-{attribute}", [$"value-{new string('x', 200)}"]))]));
        }

        // Campaigns of 12 KB each; with a copy of them in each group it was 1.2 GB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 60_000_000);
        Assert.Equal(Services, all.Select(id => catalogue.GroupOf(catalogue.Service(id)!)).Distinct().Count());
    }

    [Fact]
    public void Campaigns_that_ask_the_same_make_the_same_group_in_whatever_order()
    {
        CampaignEntry[] campaigns = [.. Enumerable.Range(0, 6).Select(n => Campaign($"c{n}", ["s"], n / 2, [new("colour", ["red"])]))];

        var (some, same, other) = (SponsorGroup.Of([campaigns[0], campaigns[2]]), SponsorGroup.Of([campaigns[3], campaigns[1], campaigns[0]]), SponsorGroup.Of([campaigns[0], campaigns[4]]));

        Assert.Equal((some, some.GetHashCode()), (same, same.GetHashCode()));
        Assert.Equal(2, same.Campaigns.Count);
        Assert.NotEqual(some, other);
        Assert.NotEqual(some, SponsorGroup.Of([]));
    }

    private static CampaignEntry Campaign(string id, string[] services, int ends, TargetingRule[] targeting) => new(
        id,
        new("Acme", null, new("n", "t", "", "true", [], []), [.. services.Select(s => new SponsoredService(s, null))], targeting, 1, null, null, null, null, Noon.AddDays(1).AddSeconds(ends), Active: true),
        Closed: false,
        Noon);
}
