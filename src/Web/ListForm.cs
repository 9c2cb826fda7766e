using Agora.Application.Operations;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>How a list is sent.</summary>
internal enum ListForm
{
    Json = 1,
    Csv = 2,
    NdJson = 3,
}

/// <summary>Which form a request wants (RFC 9110 §12.5.1): of those that it takes the one with the most weight, then the one that it names rather than covers, then JSON.</summary>
internal static class ListForms
{
    private static readonly (ListForm Form, MediaTypeHeaderValue Type)[] All =
        [(ListForm.Json, new(MediaTypes.Json)), (ListForm.Csv, new(MediaTypes.Csv)), (ListForm.NdJson, new(MediaTypes.NdJson))];

    /// <returns>Null: it takes none of them.</returns>
    public static ListForm? Of(StringValues accept)
    {
        if (string.IsNullOrWhiteSpace(accept.ToString())) return ListForm.Json;

        var accepted = Acceptable.Ranges(accept);
        var best = All
            .Select(form => (form.Form, Range: Acceptable.RangeOf(accepted, form.Type)))
            .Where(form => form.Range is not null)
            .OrderByDescending(form => form.Range!.Quality ?? 1).ThenByDescending(form => Acceptable.Precision(form.Range!)).ThenBy(form => form.Form)
            .FirstOrDefault();
        return best.Range is not null ? best.Form : Problem.IsWanted(accept) ? ListForm.Json : null; // who names only the form of refusals has not said no to the other
    }
}
