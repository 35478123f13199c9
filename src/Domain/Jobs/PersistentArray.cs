using System.Collections.Immutable;

namespace Elasticity.Domain.Jobs;

/// <summary>
/// An immutable array in pages: changing a few elements copies the pages they are on and shares the rest, so that the
/// state of a job of a million tasks stays a value.
/// </summary>
/// <typeparam name="T">A small value type.</typeparam>
public sealed class PersistentArray<T>
    where T : struct
{
    /// <summary>Elements a page: small enough to copy at each change, large enough that the list of pages stays
    /// short.</summary>
    private const int PageLength = 1_024;

    private readonly ImmutableArray<T[]> _pages;

    private PersistentArray(ImmutableArray<T[]> pages, int count)
    {
        _pages = pages;
        Count = count;
    }

    /// <summary>The array without elements.</summary>
    internal static PersistentArray<T> Empty { get; } = new([], 0);

    /// <summary>How many elements there are.</summary>
    public int Count { get; }

    /// <summary>The element at a place.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public T this[int index] => _pages[index / PageLength][index % PageLength];

    /// <summary>An array of equal elements.</summary>
    /// <param name="count">How many.</param>
    /// <param name="value">The element.</param>
    /// <returns>The array.</returns>
    internal static PersistentArray<T> Of(int count, T value)
    {
        // All full pages are the same object, since nobody changes a page that is shared; the last one is as long as it
        // must be, so that a job of one task costs one byte.
        IEnumerable<T[]> full = Enumerable.Repeat(Page(PageLength, value), count / PageLength);
        return new PersistentArray<T>([.. full, Page(count % PageLength, value)], count);
    }

    private static T[] Page(int length, T value)
    {
        T[] page = new T[length];
        Array.Fill(page, value);
        return page;
    }

    /// <summary>Collects changes and then makes the new array.</summary>
    /// <returns>A builder; this array stays as it is.</returns>
    internal Builder Change() => new(this);

    /// <summary>Changes in the making.</summary>
    internal sealed class Builder(PersistentArray<T> origin)
    {
        private readonly ImmutableArray<T[]>.Builder _pages = origin._pages.ToBuilder();
        private readonly HashSet<int> _own = [];
        private int _lastOwn = -1;

        public T this[int index]
        {
            get => _pages[index / PageLength][index % PageLength];
            set
            {
                int page = index / PageLength;
                if (page != _lastOwn)
                {
                    if (_own.Add(page))
                    {
                        _pages[page] = [.. _pages[page]];
                    }

                    _lastOwn = page;
                }

                _pages[page][index % PageLength] = value;
            }
        }

        public PersistentArray<T> Build() => new(_pages.ToImmutable(), origin.Count);
    }
}
