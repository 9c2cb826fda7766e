// A provider's service: dotnet run --project samples/TextSummarizer -- [PORT] [--answers FILE]; with --definition it prints the body of PUT /admin/services/{service_id}.
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;
using Agora.Provider.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var port = int.Parse(args.FirstOrDefault(word => word.All(char.IsAsciiDigit)) ?? "9000", CultureInfo.InvariantCulture);
var url = new Uri($"http://127.0.0.1:{port}");
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddAgoraServices(url, options =>
{
    if (Array.IndexOf(args, "--answers") is >= 0 and var at)
    {
        options.Answers = new AnswersInFile(args[at + 1]); // a run is done once, also where this process is killed
    }
});
var app = builder.Build();
var summarize = app.MapAgoraService<SummaryRequest, Digest>(
    new("text-summarizer", "writing", "provider-summarizer") { Name = "Text summarizer", Description = "Keeps the first sentences of a text that fit.", PriceCents = 2 },
    request =>
    {
        var kept = Sentences.Fitting(request.Text, request.MaxLength).ToList();
        var summary = string.Join(' ', kept);
        return kept.Count > 0 ? new(summary, kept.Count, summary.Length) : throw new RefusedException("The first sentence is longer than max_length.");
    });
app.MapAgoraStream<SummaryRequest, string>(
    new("text-sentences", "writing", "provider-summarizer") { Name = "Sentence splitter", Description = "Sends a text's sentences, each when it is found, as far as they fit.", PriceCents = 1 },
    (request, _) => Sentences.Fitting(request.Text, request.MaxLength).ToAsyncEnumerable());

if (args.Contains("--definition"))
{
    Console.WriteLine(summarize.Definition(url));
    return;
}

app.Urls.Add(url.ToString());
await app.StartAsync();
Console.WriteLine($"text-summarizer answers at {url}text-summarizer");
await app.WaitForShutdownAsync();

internal sealed record SummaryRequest(
    [property: StringLength(50_000, MinimumLength = 1), Description("What is to be read.")] string Text,
    [property: Range(20, 5_000), Description("Characters of the summary.")] int MaxLength = 200);

internal sealed record Digest(string Summary, int Sentences, int Length);

internal static partial class Sentences
{
    public static IEnumerable<string> Fitting(string text, int most)
    {
        foreach (var sentence in Sentence().Matches(text).Select(match => match.Value.Trim()))
        {
            most -= sentence.Length + 1;
            if (sentence.Length > 0 && most >= -1)
            {
                yield return sentence;
            }
        }
    }

    [GeneratedRegex(@"[^.!?。！？]+[.!?。！？]*")]
    private static partial Regex Sentence();
}
