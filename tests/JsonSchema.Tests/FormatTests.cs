namespace Agora.JsonSchema.Tests;

/// <summary>What the official suite's optional tests leave out.</summary>
public sealed class FormatTests
{
    [Theory]
    [InlineData("uri", "http://[v1f.a:b]/", true)]
    [InlineData("uri", "http://[vg.a]/", false)]
    [InlineData("uri", "http://[v1.]/", false)]
    [InlineData("uri", "http://[::1]:8080/?q#f", true)]
    [InlineData("uri", "http://[::1]x", false)]
    [InlineData("uri", "http://[::1", false)]
    [InlineData("uri", "http://a#b#c", false)]
    [InlineData("uri", "x:", true)]
    [InlineData("uri", "", false)]
    [InlineData("email", "\"a\\\"b\"@example.com", true)]
    [InlineData("email", "\"a\"b\"@example.com", false)]
    [InlineData("email", "\"a\\\"@example.com", false)]
    [InlineData("email", "\"@example.com", false)]
    [InlineData("email", "a@-b.com", false)]
    [InlineData("email", "a@b..com", false)]
    [InlineData("email", "a@b.com.", false)]
    [InlineData("email", "a@[::1]", false)]
    [InlineData("email", "é@example.com", false)]
    [InlineData("time", "12:00:00.Z", false)]
    [InlineData("time", "12:00:00.5", false)]
    [InlineData("time", "12:00:00", false)]
    [InlineData("date-time", "2026-01-31 09:30:00Z", false)]
    [InlineData("date-time", "", false)]
    [InlineData("date", "0000-01-01", true)]
    [InlineData("ipv6", "1:2:3:4:5:6:7::", true)]
    [InlineData("ipv6", "::1:2:3:4:5:6:7:8", false)]
    [InlineData("ipv6", ":::", false)]
    [InlineData("ipv6", "1.2.3.4::", false)]
    [InlineData("ipv6", "1:2:3:4:5:6:7:1.2.3.4", false)]
    [InlineData("ipv4", "01.2.3.4", false)]
    [InlineData("iri", "anything: annotations are not asserted", true)]
    public void A_text_is_of_a_format_or_not(string format, string text, bool valid) =>
        Assert.Equal(valid, Json.Accepts($$"""{"format":"{{format}}"}""", Json.Text(text)));

    [Fact]
    public void An_address_over_254_characters_or_64_before_the_at_is_no_email()
    {
        string label = new('d', 60);
        string domain = $"{label}.{label}.{label}";
        Assert.True(Json.Accepts("""{"format":"email"}""", Json.Text($"{new string('a', 64)}@{domain}")));
        Assert.False(Json.Accepts("""{"format":"email"}""", Json.Text($"{new string('a', 65)}@{domain}")));
        Assert.False(Json.Accepts("""{"format":"email"}""", Json.Text($"{new string('a', 64)}@{domain}.{label}")));
    }
}
