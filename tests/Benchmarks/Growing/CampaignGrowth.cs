using Agora.Benchmarks.Results;

namespace Agora.Benchmarks.Growing;

/// <summary>Searches within the process, on one core, as campaigns and services grow alike (<see cref="SponsoredSearches"/>).</summary>
internal static class CampaignGrowth
{
    private const string Title = "Campaigns and services";
    private static readonly string[] Searches = ["a word that all have, and one that one has", "a word that one has", "all"];

    public static readonly IReadOnlyList<Plot> Plots = [new Curves("growth-campaigns.svg", "A search for somebody whom campaigns sponsor, µs", Title, "campaigns, and as many services", "µs", Searches)];

    public static readonly IReadOnlyList<Level> Levels =
    [
        new("a search that finds what one has", Title, Searches[1], IsRate: false, "who would pay is asked for the page only"),
        new("a search by a word that all have as well", Title, Searches[0], IsRate: false, "the page is ranked among all that have the word"),
        new("a list of all services", Title, Searches[2], IsRate: false, "in an order that is kept"),
    ];

    public static Table Measure(IReadOnlyList<int> sizes, int seconds) => new(Title, ["campaigns and services", .. Searches],
    [
        .. from size in sizes
           let found = SponsoredSearches.Run(new(["--services", $"{size}", "--seconds", $"{seconds}"])).Tables[0]
           select (IReadOnlyList<string>)[Report.Of(size), .. Searches.Select(search => Report.Of(found.Find($"{search}: µs", "figure")!.Value, 1))],
    ]);
}
