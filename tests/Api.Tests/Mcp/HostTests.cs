using System.Net;
using Agora.Api.Mcp;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Tests.Mcp;

/// <summary>By which names the door is reached, and from which origins.</summary>
public sealed class HostTests
{
    [Theory]
    [InlineData("127.0.0.1", "localhost:8080", null, null, true)]
    [InlineData("127.0.0.1", "[::1]:8080", null, null, true)]
    [InlineData("127.0.0.1", "evil.example", null, null, false)]
    [InlineData("127.0.0.1", "agora.example", null, "https://agora.example", true)]
    [InlineData("127.0.0.1", "evil.example", null, "https://agora.example", false)]
    [InlineData("10.0.0.7", "agora:8080", null, "https://agora.example", true)]
    [InlineData("10.0.0.7", "agora.example", "https://agora.example", "https://agora.example", true)]
    [InlineData("10.0.0.7", "agora.example", "https://evil.example", "https://agora.example", false)]
    [InlineData("10.0.0.7", "agora.example", "https://console.example", null, true)]
    [InlineData("10.0.0.7", "agora.example", "https://agora.example", null, true)]
    [InlineData("10.0.0.7", "agora.example", "https://agora.example:9999", null, false)]
    [InlineData("127.0.0.1", "127.0.0.1:8080", "http://localhost:3000", null, true)]
    [InlineData("127.0.0.1", "127.0.0.1:8080", "null", null, false)]
    public void A_stranger_stays_out(string address, string host, string? origin, string? publicUrl, bool comesIn)
    {
        var http = new DefaultHttpContext { Connection = { LocalIpAddress = IPAddress.Parse(address) } };
        http.Request.Host = new(host);
        http.Request.Headers.Origin = origin;

        Assert.Equal(comesIn, HostRules.Refusal(http, publicUrl is null ? [] : [publicUrl], ["https://console.example"]) is null);
    }
}
