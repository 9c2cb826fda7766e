namespace Agora.Search.Tests;

internal static class SearchFixture
{
    public static SearchDocument Service(
        string id, string name, string description = "", string category = "misc", long priceMicros = 10_000, string provider = "") =>
        new(id, name, description, category, priceMicros, provider);

    public static SearchIndex Index(params SearchDocument[] documents)
    {
        var index = new SearchIndex();
        foreach (var document in documents) index.Upsert(document);
        return index;
    }

    public static string[] Find(this SearchIndex index, string? text) => index.Find(new SearchQuery { Text = text });

    public static string[] Find(this SearchIndex index, SearchQuery query) => [.. index.Search(query).Hits.Select(hit => hit.Id)];
}
