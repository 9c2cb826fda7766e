using System.Globalization;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Web.Lists;

/// <summary>What a list is narrowed to: each filter is a parameter, and conditions on columns. What cannot match anything is refused by the parameter's name.</summary>
internal sealed class Filters(QueryFields query)
{
    private readonly List<(string Name, string Value)> _said = [];
    private readonly List<Condition> _where = [];

    public IReadOnlyList<Condition> Where => _where;

    /// <summary>The filters that were given, as they were understood.</summary>
    public IReadOnlyList<(string Name, string Value)> Said => _said;

    public string? this[string name] => _said.Find(filter => filter.Name == name).Value;

    /// <summary>One text for each way to narrow a list.</summary>
    public string Canonical => JsonSerializer.Serialize(_said.Select(filter => new[] { filter.Name, filter.Value }));

    /// <param name="column">Where it is not named as the parameter is.</param>
    public Filters Id(string name, string meaning, string? column = null) => Is(name, query.Id(name, meaning), column ?? name);

    public Filters WalletId(string name, string meaning) => Is(name, query.WalletId(name, meaning), name);

    public Filters Text(string name, string meaning) => Is(name, query.Text(name, meaning), name);

    public Filters OneOf(string name, string meaning, IReadOnlyList<string> values) => Is(name, query.OneOf(name, meaning, values), name);

    public Filters Status(string name, string meaning)
    {
        Bound(name, name, Comparison.Equal, query.Status(name, meaning));
        return this;
    }

    /// <summary>A state that no single column has: what it means says <see cref="Narrow"/>.</summary>
    public Filters State(string meaning, IReadOnlyList<string> values)
    {
        Say("state", query.OneOf("state", meaning, values));
        return this;
    }

    /// <summary>[from, to).</summary>
    public Filters Times(string column)
    {
        var (from, to) = query.Span();
        Bound("from", column, Comparison.AtLeast, from?.ToMicros());
        Bound("to", column, Comparison.LessThan, to?.ToMicros());
        return this;
    }

    public Filters Amounts(string column)
    {
        var (min, max) = (query.Cents("min_amount_cents", "At least this amount."), query.Cents("max_amount_cents", "At most this amount."));
        if (min > max)
        {
            query.Violate("min_amount_cents", "maximum", "It is more than max_amount_cents: nothing lies between them.");
        }

        if (min is not null && min == max)
        {
            Bound("min_amount_cents", column, Comparison.Equal, min); // one amount has an order of its own
            _ = Say("max_amount_cents", max.Value.ToString(CultureInfo.InvariantCulture));
            return this;
        }

        Bound("min_amount_cents", column, Comparison.AtLeast, min);
        Bound("max_amount_cents", column, Comparison.AtMost, max);
        return this;
    }

    public void Narrow(params ReadOnlySpan<Condition> conditions) => _where.AddRange(conditions);

    /// <summary>A text as the tables have it: the filter stays as it was said.</summary>
    public Filters As(string column, Func<string, string> stored)
    {
        for (var i = 0; i < _where.Count; i++)
        {
            if (_where[i] is { Value: string value } one && one.Column == column)
            {
                _where[i] = one with { Value = stored(value) };
            }
        }

        return this;
    }

    private Filters Is(string name, string? value, string column)
    {
        if (Say(name, value))
        {
            _where.Add(TableReader.Is(column, value!));
        }

        return this;
    }

    private void Bound(string name, string column, Comparison comparison, long? value)
    {
        if (Say(name, value?.ToString(CultureInfo.InvariantCulture)))
        {
            _where.Add(new(column, comparison, value));
        }
    }

    private bool Say(string name, string? value)
    {
        if (value is null) return false;

        _said.Add((name, value));
        return true;
    }
}
