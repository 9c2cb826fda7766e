using System.Text;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Models;

namespace Agora.Api.Tests.Models;

/// <summary>A tokenizer that normalises its text makes it longer: the bound of a prompt's tokens holds for every character, and for characters side by side.</summary>
public sealed class NfkcBoundTests
{
    private static readonly long Empty = Of("");

    [NodePackagesFact]
    public async Task No_text_is_longer_by_NFKC_than_the_sum_of_its_characters_bounds()
    {
        var bounds = new long[0x110000];
        for (var point = 0; point < bounds.Length; point++)
        {
            bounds[point] = Rune.IsValid(point) ? Of(char.ConvertFromUtf32(point)) - Empty : 3;
        }

        Assert.Equal("[]", (await NodePackages.Run(JsonSerializer.Serialize(bounds), "nfkc.mjs")).Trim());
    }

    [Theory]
    [InlineData("plain text, as most of it is")]
    [InlineData("日本語のプロンプトがここにある。")]
    [InlineData("한국어 프롬프트")]
    [InlineData("中文提示词")]
    [InlineData("Запрос на русском")]
    public void A_text_that_normalising_does_not_lengthen_is_bounded_by_its_bytes(string text) => Assert.Equal(Encoding.UTF8.GetByteCount(text), Of(text) - Empty);

    [Theory]
    [InlineData("\u0E33", 6)]
    [InlineData("\u0958", 6)]
    [InlineData("\u0F77", 9)]
    [InlineData("\u09DC", 6)]
    [InlineData("\U0001F240", 9)]
    [InlineData("\uFDFA", 33)]
    public void A_character_is_bounded_by_the_bytes_that_normalising_makes_of_it(string character, int bytes) => Assert.Equal(50 * bytes, Of(string.Concat(Enumerable.Repeat(character, 50))) - Empty);

    private static long Of(string text) => InputBound.Of(new("m", [new Item.Message(Role.User, [new Part.Text(text)])]), 0);
}
