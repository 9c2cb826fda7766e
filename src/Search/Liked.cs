namespace Agora.Search;

/// <summary>A preference, resolved once.</summary>
internal sealed class Liked(Contents contents, HashSet<int> categories, HashSet<int> providers)
{
    public static Liked? Of(Contents contents, Preference? preference) =>
        preference is null ? null : new(contents, contents.Categories.Find(preference.Categories), contents.Providers.Find(preference.Providers));

    public bool Is(in Row row) => categories.Contains(row.Category) || providers.Contains(row.Provider);

    public void AddTo(SlotSet slots)
    {
        foreach (int category in categories) contents.Categories.SlotsOf(category).AddTo(slots);
        foreach (int provider in providers) contents.Providers.SlotsOf(provider).AddTo(slots);
    }
}
