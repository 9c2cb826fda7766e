using Agora.Samples.TextService.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Samples.TextService;

/// <summary>
/// A service as a provider would run it: it works on the text it gets, knows nothing of who asks or who pays, and answers the
/// same key with the same bytes. It can stand alone or in another process of ours, so it reads no settings and no environment.
/// </summary>
public sealed class TextServiceApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TextServiceApp(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>Where it really listens, also when it was started on port 0.</summary>
    public Uri Address { get; }

    /// <param name="url">Such as <c>http://127.0.0.1:0</c>; port 0 takes any free port.</param>
    public static async Task<TextServiceApp> Start(string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url)
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = RequestReader.MaxBodyBytes;
            });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole();
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        Map(app);
        await app.StartAsync();
        return new TextServiceApp(app, new Uri(app.Urls.First()));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Map(WebApplication app)
    {
        var answers = new AnswerCache();
        app.MapGet("/", () => Results.Json(About, Wire.Options));
        app.MapPost("/summarize", http => answers.Answer<SummarizeRequest>(http, static request => Summarizer.Summarize(request.Text, request.Sentences, request.MaxLength)));
        app.MapPost("/keywords", http => answers.Answer<KeywordsRequest>(http, static request => KeywordRanking.Of(request.Text, request.Count)));
        app.MapPost("/sentiment", http => answers.Answer<SentimentRequest>(http, static request => SentimentScore.Of(request.Text)));
        app.MapPost("/v1/chat/completions", SampleModel.Complete);
    }

    private static readonly object About = new
    {
        name = "Agora sample text service",
        description = "Extractive summary, keywords and sentiment of English and Japanese text, and a model that says them in a chat.",
        routes = new[]
        {
            "POST /summarize {text, sentences = 3, max_length = 50000}",
            "POST /keywords {text, count = 10}",
            "POST /sentiment {text}",
            "POST /v1/chat/completions {messages, stream = false, max_tokens = 1024}, as OpenAI's",
        },
    };
}
