using System.Collections.Concurrent;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Api.Tests.Http;

public sealed class ErrorBoundaryTests
{
    [Theory]
    [InlineData(FailureKind.Conflict)]
    [InlineData(FailureKind.Unavailable)]
    [InlineData(FailureKind.Overloaded)]
    [InlineData(FailureKind.Timeout)]
    public async Task An_operating_failure_is_503_unavailable_with_Retry_After(FailureKind kind)
    {
        var (http, error) = await Thrown(new OperatingException(new(kind, RetryAfterSeconds: 2)));

        Assert.Equal((503, Codes.Unavailable, "2"), (http.Response.StatusCode, error.GetProperty("code").GetString(), http.Response.Headers.RetryAfter.ToString()));
        Assert.True(error.GetProperty("retry_allowed").GetBoolean());
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_is_503_unavailable()
    {
        var (http, error) = await Thrown(new Agora.Journal.JournalUnavailableException("disk full"));

        Assert.Equal((503, Codes.Unavailable), (http.Response.StatusCode, error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_defect_is_500_with_an_id_and_no_word_about_our_insides()
    {
        foreach (var defect in new Exception[] { new InvalidOperationException("a secret inside"), new OperatingException(new(FailureKind.Defect)) })
        {
            var (http, error) = await Thrown(defect);

            Assert.Equal((500, Codes.Internal), (http.Response.StatusCode, error.GetProperty("code").GetString()));
            Assert.True(Guid.TryParse(error.GetProperty("details").GetProperty("id").GetString(), out _));
            Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
            Assert.False(error.GetProperty("retry_allowed").GetBoolean());
        }
    }

    /// <summary>As where the silo dies that a stream is read from.</summary>
    [Theory]
    [InlineData(false, "GET /parts/{id} was not decided: Unavailable")]
    [InlineData(true, " in GET /parts/{id}")]
    public async Task A_reply_that_fails_in_its_body_is_cut_off_and_logged_as_ours_and_not_as_the_web_servers(bool isDefect, string said)
    {
        var logged = new ConcurrentQueue<(string Category, LogLevel Level, string Text)>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(new Kept(logged));
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<Failures>().AddSingleton<OperationTable>().AddSingleton(new ReplyWriter(new(), new(100, 10)));
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseMiddleware<ErrorBoundary>();
        var begun = new TaskCompletionSource();
        app.MapGet("/parts/{id}", async http =>
        {
            await http.Response.WriteAsync("The first part. ");
            await http.Response.Body.FlushAsync();
            await begun.Task; // a reset of the connection would discard a head that the client has not read
            throw isDefect ? new InvalidOperationException("A defect.") : new OperatingException(new(FailureKind.Unavailable));
        });
        await app.StartAsync();
        using var http = new HttpClient();

        using var answer = await http.GetAsync(new Uri(new Uri(app.Urls.First()), "/parts/1"), HttpCompletionOption.ResponseHeadersRead);
        begun.SetResult();
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await using var body = await answer.Content.ReadAsStreamAsync();
            await body.CopyToAsync(Stream.Null);
        });

        await app.StopAsync();
        Assert.Contains(logged, line => line.Category == typeof(Failures).FullName && (isDefect ? line.Text.EndsWith(said, StringComparison.Ordinal) : line.Text == said));
        Assert.DoesNotContain(logged, static line => line.Category.StartsWith("Microsoft.", StringComparison.Ordinal) && line.Level >= LogLevel.Warning);
    }

    private sealed class Kept(ConcurrentQueue<(string, LogLevel, string)> logged) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Logger(logged, categoryName);

        public void Dispose()
        {
        }

        private sealed class Logger(ConcurrentQueue<(string, LogLevel, string)> logged, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull
                => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => logged.Enqueue((category, logLevel, formatter(state, exception)));
        }
    }

    private static async Task<(HttpContext Http, JsonElement Error)> Thrown(Exception thrown)
    {
        var body = new MemoryStream();
        var http = new DefaultHttpContext { Response = { Body = body } };
        await new ErrorBoundary(_ => throw thrown, new OperationTable(), new ReplyWriter(new(), new(100, 10)), [], new Failures(TimeProvider.System, NullLogger<Failures>.Instance), TimeProvider.System, NullLogger<ErrorBoundary>.Instance).InvokeAsync(http);
        return (http, JsonDocument.Parse(body.ToArray()).RootElement.GetProperty("error"));
    }
}
