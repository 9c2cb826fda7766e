using Agora.Application.Operations;

namespace Agora.Web.Lists;

/// <summary>Which part of a list is wanted.</summary>
/// <param name="Offset">Null: it was not named. Only lists that are older than cursors know it.</param>
/// <param name="Paging">The first parameter that is of a page only, as it was named; null: none is there.</param>
/// <param name="WantsTotals">Only lists of payments know them.</param>
internal sealed record ListRequest(Filters Filters, string? Cursor, int? Offset, int Limit, string? Paging, bool WantsTotals)
{
    private static readonly string[] Paged = ["cursor", "offset", "limit", "totals"];

    public static ListRequest Read(Call call, Action<Filters> filters, bool hasOffset = false, bool hasTotals = false)
    {
        var query = call.Query;
        var own = new Filters(query);
        filters(own);
        var cursor = query.Cursor();
        var offset = hasOffset ? query.Offset() : (int?)null;
        var limit = query.Limit();
        var totals = hasTotals && query.Flag("totals", "With totals: number, amount and what was given back of all payments that match, over whole UTC days.");
        if (cursor is not null && query.IsNamed("offset"))
        {
            query.Violate("cursor", "not", "A cursor says where to go on; offset does not go with it.");
        }

        return new(own, cursor, query.IsNamed("offset") ? offset : null, limit, Array.Find(Paged, query.IsNamed), totals);
    }
}
