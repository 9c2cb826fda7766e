using System.Text.Json;
using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;
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

    private static async Task<(HttpContext Http, JsonElement Error)> Thrown(Exception thrown)
    {
        var body = new MemoryStream();
        var http = new DefaultHttpContext { Response = { Body = body } };
        await new ErrorBoundary(_ => throw thrown, new OperationTable(), new Failures(TimeProvider.System, NullLogger<Failures>.Instance), TimeProvider.System, NullLogger<ErrorBoundary>.Instance).InvokeAsync(http);
        return (http, JsonDocument.Parse(body.ToArray()).RootElement.GetProperty("error"));
    }
}
