namespace Agora.Search;

/// <summary>A preference, resolved once.</summary>
internal sealed class Liked(bool[] categories, bool[] providers)
{
    public static Liked? Of(Contents contents, Preference? preference) =>
        preference is null ? null : new(contents.Categories.Marked(preference.Categories), contents.Providers.Marked(preference.Providers));

    public bool Is(in Row row) => categories[row.Category] || providers[row.Provider];
}
