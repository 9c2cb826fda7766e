using Agora.Api.Catalogue;
using Agora.Api.Http;
using Agora.Core.Kernel;

namespace Agora.Api.Admin.Search;

/// <summary>One question for whoever has an id, a key, an amount or a name, and does not know of what.</summary>
internal sealed class SearchEndpoints(TableReader tables, Catalogues catalogues) : IFeature
{
    private const string Meaning = "Any id or its first characters, or a name of a service, a campaign or a sponsor.";

    public static readonly Operation<string> Find = new(Audience.Operators, "search", "GET /admin/search", "Find whatever has this id or name")
    {
        Read = Text,
        Data = typeof(SearchData),
        DataExample = SearchData.Example,
    };

    public void Map(Routes routes) => routes.Map(Find, Search);

    private static string Text(Call call)
    {
        var text = call.Query.Text("q", Meaning, Limits.SearchLength, required: true) ?? "";
        if (DisplayText.HasHiddenCharacters(text))
        {
            call.Query.Violate("q", "pattern", "It has characters that nobody sees.");
        }

        return text;
    }

    private async Task<Reply> Search(OperatorCall call, string text)
    {
        var found = await new Finder(tables.In(call.Tenant), catalogues.In(call.Tenant), text, call.Cancel).Find();
        return Reply.Ok(new SearchData(found, Limits.SearchResults, found.Count > 0 ? null
            : "Nothing has this id or name. Users have no names here; a run that is under way is shown by its session."));
    }
}
