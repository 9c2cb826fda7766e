using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Desk;
using Agora.Core.Access;
using Microsoft.AspNetCore.Http;

namespace Agora.Operator.Tests;

/// <summary>How numbers and times are shown, and how they are read.</summary>
public sealed class ShownTests
{
    // By the system's zone a time of a form, which is one of UTC, would be another one: unless that zone is UTC too, as it is on servers.
    [ModuleInitializer]
    internal static void LocalTimeIsNotUtc()
    {
        Environment.SetEnvironmentVariable("TZ", "Asia/Tokyo");
        TimeZoneInfo.ClearCachedData();
    }

    [Fact]
    public void What_is_held_is_not_free_and_has_its_own_part_of_the_bar()
    {
        var limit = new Limit(Spent: 25, Held: 10, Of: 40);

        Assert.Equal((5m, 62.5m, 25m), (limit.Free, limit.SpentPart, limit.HeldPart));
    }

    [Theory]
    [InlineData(0, "en", "0 turns")]
    [InlineData(1, "en", "1 turn")]
    [InlineData(2345, "en", "2,345 turns")]
    [InlineData(1, "ja", "1 ターン")]
    public void One_of_a_thing_is_counted_in_the_singular(long number, string language, string shown)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.AcceptLanguage = language;

        Assert.Equal(shown, Wording.Of(request).Count(number, "{0} turn", "{0} turns"));
    }

    [Theory]
    [InlineData("""[{"day":"1","n":3},{"day":"2","n":5},{"day":"3","n":null}]""", 5)]
    [InlineData("""[{"day":"1","n":3},{"day":"2","n":0}]""", 0)]
    [InlineData("""[{"day":"1","n":null}]""", 0)]
    [InlineData("[]", 0)]
    public void A_chart_ends_with_the_newest_value_that_is_known(string points, int last) => Assert.Equal(last, Chart.Of(JsonDocument.Parse(points).RootElement, "day", "n").Last);

    [Theory]
    [InlineData("2026-01-01T09:30:05.123456Z", "2026-01-01 09:30:05 UTC")]
    [InlineData("2026-01-01T09:30:05+09:00", "2026-01-01 00:30:05 UTC")]
    [InlineData("2026-01-01", "2026-01-01")]
    [InlineData("soon: at noon", "soon: at noon")]
    public void A_time_says_its_zone_and_a_day_stays_a_day(string text, string shown) => Assert.Equal(shown, Shown.Time(text));

    [Theory]
    [InlineData("2026-01-01T00:00")]
    [InlineData("2026-01-01T00:00:00")]
    [InlineData("2026-01-01T00:00:00Z")]
    public void A_time_of_a_form_is_in_UTC_wherever_the_server_is(string written)
    {
        Assert.NotEqual(TimeSpan.Zero, TimeZoneInfo.Local.BaseUtcOffset);
        var route = new OperatorRoute("act", "POST", "/admin/act", "", Role.Admin, Role.None, new Dictionary<string, JsonObject>(), JsonNode.Parse("""{"properties":{"at":{"type":"string","format":"date-time"}}}""")!.AsObject(), false, false, false, false, false, false, false);

        var (body, wrong) = FormField.Read(route, new FormCollection(new() { ["body.at"] = written }));

        Assert.Equal(("2026-01-01T00:00:00Z", null), (body!["at"]!.GetValue<string>(), wrong));
    }
}
