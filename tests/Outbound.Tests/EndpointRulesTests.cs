namespace Agora.Outbound.Tests;

public sealed class EndpointRulesTests
{
    [Theory]
    [InlineData("https://api.example/run")]
    [InlineData("http://127.0.0.1:8091/summarize?lang=ja")]
    [InlineData("https://[2606:4700::1]:8443/")]
    public void A_plain_endpoint_is_accepted(string endpoint) => Assert.Null(EndpointRules.Check(endpoint));

    [Theory]
    [InlineData("", "absolute")]
    [InlineData("/run", "https or http")] // on Unix an absolute path is a file URI
    [InlineData("api.example/run", "absolute")]
    [InlineData("file:///etc/passwd", "https or http")]
    [InlineData("ftp://api.example/", "https or http")]
    [InlineData("gopher://api.example/", "https or http")]
    [InlineData("https:///run", "absolute")]
    [InlineData("https://user:password@api.example/", "user name")]
    [InlineData("https://user@api.example/", "user name")]
    [InlineData("https://api.example/#part", "fragment")]
    [InlineData("https://api.example/#", "fragment")]
    public void Any_other_endpoint_gets_a_sentence(string endpoint, string reason) =>
        Assert.Contains(reason, EndpointRules.Check(endpoint), StringComparison.Ordinal);

    [Fact]
    public void An_endpoint_is_bounded_at_2048_characters()
    {
        const string start = "https://api.example/";

        Assert.Null(EndpointRules.Check(start + new string('a', 2048 - start.Length)));
        Assert.Contains("2048", EndpointRules.Check(start + new string('a', 2049 - start.Length)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_relative_Uri_gets_a_sentence() =>
        Assert.Contains("absolute", EndpointRules.Check(new Uri("run", UriKind.Relative)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Authorization", "Bearer abc", null)]
    [InlineData("X-Key", "a", null)]
    [InlineData("", "a", "name")]
    [InlineData("X Key", "a", "name")]
    [InlineData("X-Key\r\nHost", "a", "name")]
    [InlineData("Host", "a", "set by the system")]
    [InlineData("content-length", "5", "set by the system")]
    [InlineData("Content-Language", "en", "set by the system")]
    [InlineData("idempotency-key", "a", "set by the system")]
    [InlineData("Transfer-Encoding", "chunked", "set by the system")]
    [InlineData("X-Key", "", "value")]
    [InlineData("X-Key", " a", "value")]
    [InlineData("X-Key", "a\r\nX-Other: b", "value")]
    [InlineData("X-Key", "é", "value")]
    public void An_auth_header_that_could_change_the_message_gets_a_sentence(string name, string value, string? reason)
    {
        var problem = HeaderRules.Check(name, value);

        if (reason is null)
            Assert.Null(problem);
        else
            Assert.Contains(reason, problem, StringComparison.Ordinal);
    }
}
