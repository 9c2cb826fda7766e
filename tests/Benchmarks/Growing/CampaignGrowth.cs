using Agora.Benchmarks.Results;

namespace Agora.Benchmarks.Growing;

/// <summary>Searches within the process, on one core, as campaigns and services grow alike (<see cref="SponsoredSearches"/>).</summary>
internal static class CampaignGrowth
{
    private const string Title = "Campaigns and services";
    private static readonly string[] Searches =
    [
        "a word that all have, and one that one has", "a word that one has", "all",
        "a word that all have, of a category", "a word that all have, at most a price", "a word that all have, sponsored", "a word that all have, where none would pay",
    ];

    public static readonly IReadOnlyList<Plot> Plots = [new Curves("growth-campaigns.svg", "A search for somebody whom campaigns sponsor, µs", Title, "campaigns, and as many services", "µs", Searches)];

    public static readonly IReadOnlyList<Level> Levels =
    [
        new("a search that finds what one has", Title, Searches[1], IsRate: false, "who would pay is asked for the page only"),
        new("a search by a word that all have as well", Title, Searches[0], IsRate: false, "the page is ranked among all that have the word"),
        new("a list of all services", Title, Searches[2], IsRate: false, "in an order that is kept"),
        new("a search of a category", Title, Searches[3], IsRate: false, "sets of slots, a bit for each service"),
        new("a search at most a price", Title, Searches[4], IsRate: false, "a set of slots for each bit of a price"),
        new("a search of what is sponsored", Title, Searches[5], IsRate: false, "campaigns are asked by kinds"),
        new("a search where none would pay", Title, Searches[6], IsRate: false, "the same"),
    ];

    public static Table Measure(IReadOnlyList<int> sizes, int seconds) => new(Title, ["campaigns and services", .. Searches],
    [
        .. from size in sizes
           let found = SponsoredSearches.Run(new(["--services", $"{size}", "--seconds", $"{seconds}"])).Tables[0]
           select (IReadOnlyList<string>)[Report.Of(size), .. Searches.Select(search => Report.Of(found.Find($"{search}: µs", "figure")!.Value, 1))],
    ]);
}
