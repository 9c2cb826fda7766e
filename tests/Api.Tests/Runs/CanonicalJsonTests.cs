using System.Text.Json;
using Agora.Application.Values;

namespace Agora.Api.Tests.Runs;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{"b":1,"a":{"d":[],"c":"é"}}""", """{ "a": {"c":"\u00e9", "d": [ ]}, "b": 1 }""", true)]
    [InlineData("""{"\u0062":1,"a":2}""", """{"a":2,"b":1}""", true)]
    [InlineData("[1,2]", "[2,1]", false)]
    [InlineData("""{"n":[1,-2.50,0]}""", """{"n":[1.0,-25E-1,-0.0]}""", true)]
    [InlineData("0.1", "0.10000000000000001", false)]
    [InlineData("9007199254740992", "9007199254740993", false)]
    [InlineData("1e400", "2e400", false)]
    [InlineData("""{"a":1}""", """{"a":1,"b":1}""", false)]
    [InlineData("""{"a":{"b":1}}""", """{"a":{},"b":1}""", false)]
    [InlineData("\"1\"", "1", false)]
    public void Inputs_are_the_same_whatever_the_order_of_their_members_and_the_spelling_of_their_strings_and_numbers(string one, string other, bool same) =>
        Assert.Equal(same, Hash(one) == Hash(other));

    [Theory]
    [InlineData("100", "100")]
    [InlineData("1e2", "100")]
    [InlineData("10.0", "10")]
    [InlineData("-0", "0")]
    [InlineData("0e5", "0")]
    [InlineData("-12.3400", "-12.34")]
    [InlineData("1234E-2", "12.34")]
    [InlineData("5e-3", "0.005")]
    [InlineData("0.50", "0.5")]
    [InlineData("1.5e+1", "15")]
    [InlineData("1e31", "10000000000000000000000000000000")]
    [InlineData("10e31", "1e32")]
    [InlineData("1.20e-40", "12e-41")]
    [InlineData("1e99999999999", "1e99999999999")]
    public void A_number_has_one_spelling_and_it_is_JSON(string written, string canonical)
    {
        Assert.Equal(canonical, CanonicalNumber.Of(System.Text.Encoding.ASCII.GetBytes(written)));
        Assert.Equal(canonical, CanonicalNumber.Of(System.Text.Encoding.ASCII.GetBytes(canonical)));
        Assert.Equal(canonical, JsonElement.Parse(canonical).GetRawText());
    }

    [Fact]
    public void The_hash_is_64_characters_of_lower_case_hex() => Assert.Matches("^[0-9a-f]{64}$", Hash("{}"));

    private static string Hash(string json)
    {
        using var document = JsonDocument.Parse(json);
        return CanonicalJson.Hash(document.RootElement);
    }
}
