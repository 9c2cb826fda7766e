using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

public sealed class HiddenCharactersTests
{
    /// <summary>Every base of Unicode's emoji-variation-sequences.txt that is no digit, # or *, and every other emoji below U+1F000: https://www.unicode.org/Public/UCD/latest/ucd/emoji/emoji-data.txt, Emoji=Yes.</summary>
    private const string Bases =
        """
        00A9 00AE 203C 2049 2122 2139 2194 2195 2196 2197 2198 2199 21A9 21AA 231A 231B 2328 23CF 23E9 23EA 23EB 23EC 23ED 23EE 23EF 23F0 23F1 23F2 23F3 23F8 23F9 23FA 24C2 25AA 25AB 25B6 25C0 25FB 25FC 25FD 25FE
        2600 2601 2602 2603 2604 260E 2611 2614 2615 2618 261D 2620 2622 2623 2626 262A 262E 262F 2638 2639 263A 2640 2642 2648 2649 264A 264B 264C 264D 264E 264F 2650 2651 2652 2653 265F 2660 2663 2665 2666 2668 267B
        267E 267F 2692 2693 2694 2695 2696 2697 2699 269B 269C 26A0 26A1 26A7 26AA 26AB 26B0 26B1 26BD 26BE 26C4 26C5 26C8 26CE 26CF 26D1 26D3 26D4 26E9 26EA 26F0 26F1 26F2 26F3 26F4 26F5 26F7 26F8 26F9 26FA 26FD
        2702 2705 2708 2709 270A 270B 270C 270D 270F 2712 2714 2716 271D 2721 2728 2733 2734 2744 2747 274C 274E 2753 2754 2755 2757 2763 2764 2795 2796 2797 27A1 27B0 27BF 2934 2935 2B05 2B06 2B07 2B1B 2B1C 2B50 2B55
        3030 303D 3297 3299 1F004 1F170 1F21A 1F237 1F30D 1F441 1F4BB 1F5E3 1F6E9 1F6F3 1F9D1
        """;

    public static TheoryData<string> Emoji => [.. Bases.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];

    [Theory]
    [MemberData(nameof(Emoji))]
    public void A_selector_behind_an_emoji_is_not_hidden(string code)
    {
        var emoji = char.ConvertFromUtf32(Convert.ToInt32(code, 16));

        Assert.False(HiddenCharacters.AreIn($"{emoji}\uFE0F Reads a page", lines: true), code);
        Assert.False(HiddenCharacters.AreIn($"{emoji}\uFE0E Reads a page", lines: true), code);
    }

    [Theory]
    [InlineData("1\uFE0F")]
    [InlineData("#\uFE0E")]
    [InlineData("a\uFE0F")]
    [InlineData("\u2140\uFE0Fa\uFE0F")]
    [InlineData("\u213B\uFE0Eé\uFE0E")]
    public void A_selector_behind_a_letter_or_a_plain_digit_is_hidden(string text) => Assert.True(HiddenCharacters.AreIn(text, lines: true));
}
